import type { Customer } from '@app/contracts';
import { Answers, IfMatch, Problem, Problems, Scopes, traceParentOf } from '@app/service-defaults';
import { Body, Controller, Headers, Param, Put, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { answer } from '../customers/answer.js';
import { CustomersService } from '../customers/customers.service.js';
import { requiredIfMatch } from '../customers/preconditions.js';
import { idParam } from '../customers/requests.js';
import { customerAnswer } from '../customers/responses.js';
import { TooManyConsentsError, type WishedConsent, withConsent } from '../domain/consent.js';
import { consentBody, purposeParam } from './consent-requests.js';

@ApiTags('consents')
@ApiBearerAuth()
@Controller('v1/customers')
export class ConsentsController {
  constructor(private readonly customers: CustomersService) {}

  @Put(':id/consents/:purpose')
  @Scopes('customers:write')
  @ApiOperation({
    summary: 'Record that a customer gives or withdraws a consent',
    description:
      'With the time it was given, its source and its proof. `granted: false` is a withdrawal, and is kept as such. ' +
      'What says the same again, without a time, changes nothing.',
  })
  @IfMatch({ required: true })
  @Answers(200, 'The customer as it is now.', customerAnswer, ['etag', 'event-id'])
  @Problems(409, 410)
  async put(
    @Param('id', { schema: idParam }) id: string,
    @Param('purpose', { schema: purposeParam }) purpose: string,
    @Body({ schema: consentBody }) consent: WishedConsent,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Customer> {
    const ifMatch = requiredIfMatch(headers['if-match']);
    const change = (current: Customer) => ({
      ...current,
      consents: changed(current.consents, purpose, consent),
    });
    return answer(
      await this.customers.change(id, ifMatch, change, traceParentOf(headers['traceparent'])),
      reply,
    );
  }
}

function changed(
  consents: Customer['consents'],
  purpose: string,
  consent: WishedConsent,
): Customer['consents'] {
  try {
    return withConsent(consents, purpose, consent, new Date().toISOString());
  } catch (error) {
    if (!(error instanceof TooManyConsentsError)) throw error;
    throw new Problem(409, 'too-many-consents', 'The customer has too many consents.', {
      detail: error.message,
    });
  }
}
