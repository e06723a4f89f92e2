/** Text that must not be seen, such as a PIN or a database URL. A JavaScript string cannot be zeroed, so prefer `SecretBytes`. */
import { inspect } from 'node:util';

const hidden = '[secret]';

export class SecretString {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  use<T>(use: (text: string) => T): T {
    return use(this.#text);
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
