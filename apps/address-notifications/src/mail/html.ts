const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** Markup that is safe to be put into other markup. */
export class Html {
  constructor(readonly markup: string) {}
}

/** A template: everything put into it is escaped, unless it is a template itself. */
export function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const filled = strings.map(
    (text, index) => text + (index < values.length ? render(values[index] ?? '') : ''),
  );
  return new Html(filled.join(''));
}

function render(value: string | Html | Html[]): string {
  if (Array.isArray(value)) return value.map(render).join('');
  return value instanceof Html ? value.markup : escapeHtml(value);
}
