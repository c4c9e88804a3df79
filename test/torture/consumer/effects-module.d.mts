import type { ConsumerOptions } from '@app/consumer';
import type { Type } from '@nestjs/common';

export function effectsModule(options?: Partial<ConsumerOptions>): Type;
