import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import mustache from 'mustache';

/** apps/address-notifications/templates; src/mail and dist/mail lie equally deep. */
const folder = join(import.meta.dirname, '../../templates');

/** What a customer without a language, or with one that nobody has written for, is written in. */
const fallback = 'en';
/** BCP 47: what is spoken under a code of its own and written for under another. */
const macroLanguages: Readonly<Record<string, string>> = { nb: 'no', nn: 'no' };

interface Texts {
  subject: string;
  text: string;
  html: string;
  /** What the parts of a message that are codes are called in this language. */
  words: Readonly<Record<string, string>>;
}

export type RenderedMail = Pick<Texts, 'subject' | 'text' | 'html'>;

/** The texts of one kind of mail, a folder a language: `subject.txt`, `body.txt`, `body.html`, `words.json`. */
export class MailTemplate {
  private readonly texts: ReadonlyMap<string, Texts>;

  /** Reads all of them. @throws when a language lacks a file, or the fallback is missing */
  constructor(name: string) {
    const at = join(folder, name);
    this.texts = new Map(readdirSync(at).map((language) => [language, textsIn(join(at, language))]));
    if (!this.texts.has(fallback)) throw new Error(`${at} has no texts in "${fallback}"`);
  }

  get languages(): string[] {
    return [...this.texts.keys()];
  }

  /** @param language as the customer gave it. @param view what the texts are filled with; `word` becomes the language's own */
  render(language: unknown, word: string, view: object): RenderedMail {
    const { subject, text, html, words } = this.textsFor(language);
    const filled = { ...view, kind: words[word] ?? word };
    return {
      subject: mustache.render(subject, filled, {}, asIs).trim(),
      text: mustache.render(text, filled, {}, asIs),
      // Mustache escapes whatever it puts in: `&<>"'/=` and the backtick.
      html: mustache.render(html, filled),
    };
  }

  /** As near to what was asked for as there is: `de-CH` is written to in `de`. */
  private textsFor(language: unknown): Texts {
    const [tag = ''] = typeof language === 'string' ? language.trim().toLowerCase().split(/[-_]/) : [];
    const found = this.texts.get(tag) ?? this.texts.get(macroLanguages[tag] ?? fallback);
    return found ?? (this.texts.get(fallback) as Texts);
  }
}

/** Plain text has nothing to escape. */
const asIs = { escape: (value: unknown) => String(value) };

function textsIn(folderOfLanguage: string): Texts {
  const read = (file: string) => readFileSync(join(folderOfLanguage, file), 'utf8');
  return {
    subject: read('subject.txt'),
    text: read('body.txt'),
    html: read('body.html'),
    words: JSON.parse(read('words.json')) as Texts['words'],
  };
}
