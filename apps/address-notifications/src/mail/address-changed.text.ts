import type { NoticeContent } from '../domain/address-change.js';
import { linesOf } from './address-lines.js';

const indent = (lines: string[]): string => lines.map((line) => `  ${line}`).join('\n');

export function addressChangedText({ recipient, kind, before, after }: NoticeContent): string {
  const parts = [
    `Hello ${recipient.name},`,
    after
      ? `your ${kind} address has been changed. It is now:\n\n${indent(linesOf(after))}`
      : `your ${kind} address has been removed.`,
  ];
  if (before) parts.push(`Before, it was:\n\n${indent(linesOf(before))}`);
  parts.push(
    'If this is right, there is nothing to do. If you did not ask for it, please tell our customer service.',
  );
  return `${parts.join('\n\n')}\n`;
}
