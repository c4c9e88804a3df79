import { CreateEventGrid1795910400000 } from './1795910400000-create-event-grid.js';
import { UpdatingSubscriptions1795910400010 } from './1795910400010-updating-subscriptions.js';

export const eventGridMigrations = [CreateEventGrid1795910400000, UpdatingSubscriptions1795910400010];
