export type Primitive = string | number | boolean | null;

/** What filters look at. */
export interface FilterableMessage {
  /** By lower-case name; undefined where the message does not say. */
  readonly system: Readonly<Record<string, string | undefined>>;
  readonly application: Readonly<Record<string, unknown>>;
}

export type Filter =
  | { readonly kind: 'sql'; readonly expression: string }
  | {
      readonly kind: 'correlation';
      /** By lower-case name, as in `FilterableMessage`. */
      readonly system: Readonly<Record<string, string>>;
      readonly properties: Readonly<Record<string, Primitive>>;
    };

/** A subscription gets a message that one of its rules matches. */
export interface Rule {
  readonly name: string;
  readonly filter: Filter;
}
