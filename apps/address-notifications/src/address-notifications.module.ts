import { ConsumerEvents, ConsumerModule, consumerMigrations, ConsumerServer, KeySource } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { CommandOutbox1700000000800, CommandRelay } from '@app/outbox';
import { CommandSender, DeadLetterQueue, ServerServiceBus, ServiceBusModule } from '@app/service-bus';
import { loadEnv, ServiceToken } from '@app/service-defaults';
import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { DeadLetterWatch } from './dead-letters/dead-letter-watch.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { retryPauseMs } from './domain/delivery.js';
import { environment, isTlsRequired } from './environment.js';
import { CreateNotification1795305600000 } from './migrations/1795305600000-create-notification.js';
import { RecallMails1795305600010 } from './migrations/1795305600010-recall-mails.js';
import { QueueCommands1795305600020 } from './migrations/1795305600020-queue-commands.js';
import { FindQueued1795305600030 } from './migrations/1795305600030-find-queued.js';
import { heldNotifications } from './notifications/held-notifications.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { notificationsQueue } from './queue.js';
import { MailRecaller } from './recalling/mail-recaller.js';
import { AddressChangedHandler } from './recording/address-changed.handler.js';
import { CustomerErasedHandler } from './recording/customer-erased.handler.js';
import type { Role } from './role.js';
import { longestSendMs, Mailer } from './sending/mailer.js';
import { SmtpMailer } from './sending/smtp-mailer.js';
import { NotificationWorker } from './worker/notification-worker.js';
import { SendNotificationHandler } from './worker/send-notification.handler.js';

export const migrations = [
  ...consumerMigrations,
  CommandOutbox1700000000800,
  CreateNotification1795305600000,
  RecallMails1795305600010,
  QueueCommands1795305600020,
  FindQueued1795305600030,
];

/** Commands that the worker has in hand: those of two transactions, and the next ones beside them. */
const atOnce = 40;
/** A command waits for those before it, and a server may take its time for each. */
const handlerTimeoutMs = 4 * longestSendMs;
/** Of the worker, two that many commands share, and four for one each. */
const poolSize = 10 + 6;

/** AddressChanged on the stream becomes a command on the queue. */
const consumer: ModuleMetadata = {
  imports: [
    ConsumerModule.forRoot({
      consumerGroup: 'address-notifications',
      gatherMs: 50,
      personalData: heldNotifications,
    }),
  ],
  controllers: [AddressChangedHandler, CustomerErasedHandler, NotificationsController, DeadLettersController],
  providers: [
    { provide: DeadLetterQueue, useFactory: () => new DeadLetterQueue(notificationsQueue()) },
    DeadLetterWatch,
    {
      provide: CommandRelay,
      inject: [DataSource, ConsumerEvents],
      useFactory: (dataSource: DataSource, events: ConsumerEvents) => {
        const relay = new CommandRelay(dataSource, new CommandSender(notificationsQueue()));
        events.on('batchCommitted', relay.wake);
        return relay;
      },
    },
    {
      provide: MailRecaller,
      inject: [DataSource, ConsumerEvents],
      useFactory: (dataSource: DataSource, events: ConsumerEvents) => {
        const { MAILBOX_URL } = loadEnv(environment);
        return MAILBOX_URL === undefined
          ? undefined
          : new MailRecaller(dataSource, new URL(MAILBOX_URL), events);
      },
    },
  ],
};

/** A command on the queue becomes a mail. */
const worker: ModuleMetadata = {
  imports: [
    ServiceBusModule.forRoot({ queue: 'notifications', concurrency: atOnce, handlerTimeoutMs, retryPauseMs }),
  ],
  controllers: [SendNotificationHandler],
  providers: [
    NotificationWorker,
    {
      provide: KeySource,
      inject: [ServiceToken],
      useFactory: (token: ServiceToken) => new KeySource(token),
    },
    {
      provide: Mailer,
      useFactory: () => {
        const env = loadEnv(environment);
        return new SmtpMailer(env.SMTP_URL, { from: env.MAIL_FROM, requireTls: isTlsRequired(env) });
      },
    },
  ],
};

const parts: Readonly<Record<Role, readonly ModuleMetadata[]>> = {
  consumer: [consumer],
  worker: [worker],
  both: [consumer, worker],
};
const transports: Readonly<Record<Role, readonly Type<CustomTransportStrategy>[]>> = {
  consumer: [ConsumerServer],
  worker: [ServerServiceBus],
  both: [ConsumerServer, ServerServiceBus],
};

/** What brings this role its work. */
export const transportsOf = (role: Role): readonly Type<CustomTransportStrategy>[] => transports[role];

@Module({})
export class AddressNotificationsModule {
  static forRole(role: Role): DynamicModule {
    const own = parts[role];
    return {
      module: AddressNotificationsModule,
      imports: [
        DatabaseModule.forRoot({ migrations, poolSize }),
        ...own.flatMap(({ imports = [] }) => imports),
      ],
      controllers: own.flatMap(({ controllers = [] }) => controllers),
      providers: own.flatMap(({ providers = [] }) => providers),
    };
  }
}
