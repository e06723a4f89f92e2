/** One row a recipe: what it makes, for which kinds, and how much chance is in it. */
import type { PasswordRecipe, SecretKind, SecretRecipe } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import {
  bitsOf,
  classesOf,
  countPasswords,
  drawsNeeded,
  meetsRecipe,
} from '../../../domain/generate/password.ts';
import { sshEd25519 } from '../../../domain/generate/ssh-key.ts';
import type { Hsm } from '../../../ports/hsm.ts';
import { makeX509 } from './make-x509.ts';
import { randomText } from './random-values.ts';

type Random = Pick<Hsm, 'random'>;

export interface MadeValue {
  readonly value: SecretBytes;
  readonly entropyBits: number;
  readonly sshPublicKey?: string;
  readonly signingRequest?: string;
}

type RecipeName = SecretRecipe['recipe'];
type RecipeOf<Name extends RecipeName> = Extract<SecretRecipe, { recipe: Name }>;

interface RecipeRow<Name extends RecipeName> {
  readonly kinds: readonly SecretKind[];
  readonly make: (hsm: Random, recipe: RecipeOf<Name>) => Promise<MadeValue>;
}

/** A recipe that meets its own minimum only by luck is refused, before it keeps the HSM busy. */
const drawsMax = 200;
const seedBytes = 32;
const digits = '0123456789';

const recipes: { readonly [Name in RecipeName]: RecipeRow<Name> } = Object.freeze({
  password: { kinds: ['password', 'text', 'opaque'], make: makePassword },
  pin: {
    kinds: ['pin'],
    make: async (hsm, recipe) => ({
      value: SecretBytes.adopt(await randomText(hsm, digits, recipe.digits)),
      entropyBits: bitsOf(10n ** BigInt(recipe.digits)),
    }),
  },
  token: {
    kinds: ['api-key', 'password', 'text', 'opaque'],
    make: async (hsm, { bytes }) => {
      using random = SecretBytes.adopt(await hsm.random(bytes));
      const text = random.use((each) => Buffer.from(Buffer.from(each).toString('base64url')));
      return { value: SecretBytes.adopt(text), entropyBits: bytes * 8 };
    },
  },
  random: {
    kinds: ['key', 'opaque'],
    make: async (hsm, { bytes }) => ({
      value: SecretBytes.adopt(await hsm.random(bytes)),
      entropyBits: bytes * 8,
    }),
  },
  'ssh-ed25519': {
    kinds: ['ssh-key'],
    make: async (hsm, { comment }) => {
      using seed = SecretBytes.adopt(await hsm.random(seedBytes));
      const check = await hsm.random(4);
      const { privateKey, publicKey } = seed.use((bytes) => sshEd25519(bytes, check, comment));
      return { value: SecretBytes.adopt(privateKey), entropyBits: 256, sshPublicKey: publicKey };
    },
  },
  x509: { kinds: ['key'], make: makeX509 },
});

/** Throws `request-invalid` for a kind that the recipe does not make, and for a recipe that contradicts itself. */
export function makeValue(hsm: Random, kind: SecretKind, recipe: SecretRecipe): Promise<MadeValue> {
  const row = recipes[recipe.recipe] as RecipeRow<RecipeName>;
  if (!row.kinds.includes(kind)) throw new StrongroomError('request-invalid', { detail: '/kind' });
  return row.make(hsm, recipe as RecipeOf<RecipeName>);
}

async function makePassword(hsm: Random, recipe: PasswordRecipe): Promise<MadeValue> {
  const { length, entropyBitsMin = 0 } = recipe;
  const classes = classesOf(recipe);
  const draws = drawsNeeded(length, classes);
  const entropyBits = bitsOf(countPasswords(length, classes));
  if (draws === undefined || draws > drawsMax || entropyBits < entropyBitsMin)
    throw new StrongroomError('request-invalid', { detail: '/recipe' });
  const characters = classes.map((each) => each.characters).join('');
  for (let draw = 0; draw < 100 * drawsMax; draw += 1) {
    const text = await randomText(hsm, characters, length);
    if (meetsRecipe(text, classes)) return { value: SecretBytes.adopt(text), entropyBits };
    text.fill(0);
  }
  throw new StrongroomError('hsm-unavailable', { detail: 'random generator' });
}
