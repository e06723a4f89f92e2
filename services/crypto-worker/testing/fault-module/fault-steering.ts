/**
 * Steers `fault-module.c` through the words of a file that both have open: what the next calls are to meet, and what has
 * been called. Works across processes, and while a call of the module blocks the thread that made it.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** In the order of CK_FUNCTION_LIST, for the calls that the adapter makes. */
const callNumbers = {
  C_Initialize: 0,
  C_Finalize: 1,
  C_GetSlotList: 4,
  C_GetTokenInfo: 6,
  C_GetMechanismList: 7,
  C_OpenSession: 12,
  C_CloseSession: 13,
  C_Login: 18,
  C_CreateObject: 20,
  C_DestroyObject: 22,
  C_GetAttributeValue: 24,
  C_FindObjectsInit: 26,
  C_FindObjects: 27,
  C_FindObjectsFinal: 28,
  C_EncryptInit: 29,
  C_Encrypt: 30,
  C_DecryptInit: 33,
  C_Decrypt: 34,
  C_SignInit: 42,
  C_Sign: 43,
  C_GenerateKey: 58,
  C_GenerateKeyPair: 59,
  C_WrapKey: 60,
  C_UnwrapKey: 61,
  C_GenerateRandom: 64,
} as const;

export type CallName = keyof typeof callNumbers;
export const callNames = Object.keys(callNumbers) as readonly CallName[];

const actions = { fail: 1, failAfter: 2, delay: 3, hang: 4, dropSessions: 5, otherHandle: 6 } as const;

export interface Fault {
  readonly call: CallName | 'any';
  readonly action: keyof typeof actions;
  /** The return code, the milliseconds, or the handle. */
  readonly value?: number;
  /** Calls that go by before it. */
  readonly after?: number;
  readonly times?: number;
}

const wordBytes = 4;
const anyCall = 0xffff;
const forEver = 0xffff_ffff;
const at = { released: 0, hanging: 1, open: 2, opened: 3, openMax: 4, calls: 16, rules: 128 };
const ruleWords = 8;
const rulesMax = 16;
export const steeringBytes = (at.rules + ruleWords * rulesMax) * wordBytes;

export class FaultSteering {
  readonly #file: number;
  #rules = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r+');
  }

  /** Faults of earlier calls of this method stay until `clear`. */
  arm({ call, action, value = 0, after = 0, times = 1 }: Fault): void {
    if (this.#rules === rulesMax) throw new RangeError('the module knows no more rules');
    const words = [call === 'any' ? anyCall : callNumbers[call], after, times, actions[action], value, 0, 0];
    const start = at.rules + this.#rules * ruleWords;
    words.forEach((word, index) => {
      this.#write(start + 1 + index, word);
    });
    // Armed last, so that no call meets half a rule.
    this.#write(start, 1);
    this.#rules += 1;
  }

  /** How often the rules that are armed have struck. */
  get struck(): number {
    let struck = 0;
    for (let rule = 0; rule < this.#rules; rule += 1) struck += this.#read(at.rules + rule * ruleWords + 7);
    return struck;
  }

  clear(): void {
    for (let rule = 0; rule < this.#rules; rule += 1) this.#write(at.rules + rule * ruleWords, 0);
    this.#rules = 0;
  }

  calls(call: CallName): number {
    return this.#read(at.calls + callNumbers[call]);
  }

  /** Sessions that the device holds open now, whoever has forgotten them. */
  get sessionsOpen(): number {
    return this.#read(at.open);
  }

  get sessionsOpened(): number {
    return this.#read(at.opened);
  }

  /** Calls that hang at this moment. */
  get hanging(): number {
    return this.#read(at.hanging);
  }

  /** What hangs goes on. */
  release(): void {
    this.#write(at.released, (this.#read(at.released) + 1) % forEver);
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(word: number): number {
    const bytes = Buffer.alloc(wordBytes);
    readSync(this.#file, bytes, 0, wordBytes, word * wordBytes);
    return bytes.readUInt32LE();
  }

  #write(word: number, value: number): void {
    const bytes = Buffer.alloc(wordBytes);
    bytes.writeUInt32LE(value);
    writeSync(this.#file, bytes, 0, wordBytes, word * wordBytes);
  }
}
