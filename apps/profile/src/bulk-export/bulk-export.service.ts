import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listCustomers } from '../customers/read-customers.sql.js';
import { exportLines, type ExportFormat } from './export-lines.js';

const customersAtOnce = 500;

export interface WantedExport {
  format: ExportFormat;
  updatedSince?: string | undefined;
}

/** All customers as a file that is read while it is sent: never more than a page of them is held. */
@Injectable()
export class BulkExportService {
  constructor(private readonly dataSource: DataSource) {}

  /** By id, ascending: each customer as it is when its page is read, those that are added meanwhile at the end. */
  async *lines({ format, updatedSince }: WantedExport): AsyncGenerator<string> {
    const { head, lineOf } = exportLines[format];
    if (head !== '') yield head;
    const { manager } = this.dataSource;
    for (let after: string | undefined; ;) {
      const page = await listCustomers(manager, { updatedSince, after, limit: customersAtOnce });
      if (page.length > 0) yield page.map(lineOf).join('');
      if (page.length < customersAtOnce) return;
      after = page.at(-1)?.id;
    }
  }
}
