import type { EnvelopeAddress, NoticeContent } from '../domain/address-change.js';
import { linesOf } from './address-lines.js';
import { html, type Html } from './html.js';

const block = (address: EnvelopeAddress): Html =>
  html`<p style="margin-left:2em">${linesOf(address).map((line) => html`${line}<br />`)}</p>`;

export function addressChangedHtml({ recipient, kind, before, after }: NoticeContent): string {
  return html`<!doctype html>
    <html lang="en">
      <body style="font-family:sans-serif;line-height:1.5;color:#222">
        <p>Hello ${recipient.name},</p>
        ${
          after
            ? html`<p>your ${kind} address has been changed. It is now:</p>
                ${block(after)}`
            : html`<p>your ${kind} address has been removed.</p>`
        }
        ${
          before
            ? html`<p>Before, it was:</p>
                ${block(before)}`
            : html``
        }
        <p>
          If this is right, there is nothing to do. If you did not ask for it, please tell our customer
          service.
        </p>
      </body>
    </html> `.markup;
}
