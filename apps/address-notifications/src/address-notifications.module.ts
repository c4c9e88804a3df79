import { ConsumerEvents, ConsumerModule, consumerMigrations } from '@app/consumer';
import { DatabaseModule } from '@app/database';
import { loadEnv } from '@app/service-defaults';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { environment, isTlsRequired } from './environment.js';
import { CreateNotification1795305600000 } from './migrations/1795305600000-create-notification.js';
import { RecallMails1795305600010 } from './migrations/1795305600010-recall-mails.js';
import { heldNotifications } from './notifications/held-notifications.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { MailRecaller } from './recalling/mail-recaller.js';
import { AddressChangedHandler } from './recording/address-changed.handler.js';
import { CustomerErasedHandler } from './recording/customer-erased.handler.js';
import { Mailer } from './sending/mailer.js';
import { NotificationSender } from './sending/notification-sender.js';
import { SmtpMailer } from './sending/smtp-mailer.js';

@Module({
  imports: [
    DatabaseModule.forRoot({
      migrations: [...consumerMigrations, CreateNotification1795305600000, RecallMails1795305600010],
    }),
    ConsumerModule.forRoot({ consumerGroup: 'address-notifications', personalData: heldNotifications }),
  ],
  controllers: [AddressChangedHandler, CustomerErasedHandler, NotificationsController],
  providers: [
    NotificationSender,
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
    {
      provide: Mailer,
      useFactory: () => {
        const env = loadEnv(environment);
        return new SmtpMailer(env.SMTP_URL, { from: env.MAIL_FROM, requireTls: isTlsRequired(env) });
      },
    },
  ],
})
export class AddressNotificationsModule {}
