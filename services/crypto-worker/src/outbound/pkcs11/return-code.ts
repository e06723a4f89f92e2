/**
 * Every PKCS#11 return code maps through this one table (design, section 8).
 *
 * - `retry`: the module refused before it did anything, because of this session or this handle. One more try, on
 *   another session and with a fresh handle, may succeed. Never a second one.
 * - `reopen`: the library or the device lost its state. Everything is closed and initialised again.
 * - `refuse`: the answer to this request; asking again gets the same.
 * - `unknown`: the code alone tells nothing (SoftHSM says CKR_GENERAL_ERROR for a wrong tag as well as for a lost
 *   token). A probe of the token decides.
 *
 * `code` is what a caller sees when nothing can have happened. A call that changes the token and fails with anything
 * but `refuse` is `outcome-unknown` whatever the row says.
 */
import type { ErrorCode } from '@strongroom/errors';

export type FaultAction = 'retry' | 'reopen' | 'refuse' | 'unknown';

export interface ReturnCode {
  readonly value: number;
  readonly name: string;
  readonly action: FaultAction;
  readonly code: ErrorCode;
  /** The handle that was used is dead: forget it, find the object again. */
  readonly evictsHandle: boolean;
  /** The token refused this PIN; it must never be offered again. */
  readonly refusesPin: boolean;
}

type Row = readonly [value: number, name: string, code?: ErrorCode];

const down = 'hsm-unavailable';
const bug = 'internal';
const purpose = 'key-purpose-refused';
const lacking = 'mechanism-unsupported';
const forged = 'ciphertext-invalid';
const setup = 'configuration-invalid';

const retried: readonly Row[] = [
  [0x1, 'CKR_CANCEL'],
  [0x50, 'CKR_FUNCTION_CANCELED'],
  [0x90, 'CKR_OPERATION_ACTIVE'],
  [0x91, 'CKR_OPERATION_NOT_INITIALIZED'],
  [0xb0, 'CKR_SESSION_CLOSED'],
  [0xb3, 'CKR_SESSION_HANDLE_INVALID'],
  [0x202, 'CKR_OPERATION_CANCEL_FAILED'],
];

const deadHandles: readonly Row[] = [
  [0x60, 'CKR_KEY_HANDLE_INVALID'],
  [0x82, 'CKR_OBJECT_HANDLE_INVALID'],
  [0xf0, 'CKR_UNWRAPPING_KEY_HANDLE_INVALID'],
  [0x113, 'CKR_WRAPPING_KEY_HANDLE_INVALID'],
];

const reopened: readonly Row[] = [
  [0x2, 'CKR_HOST_MEMORY'],
  [0x3, 'CKR_SLOT_ID_INVALID'],
  [0x30, 'CKR_DEVICE_ERROR'],
  [0x32, 'CKR_DEVICE_REMOVED'],
  [0xb1, 'CKR_SESSION_COUNT'],
  [0xe0, 'CKR_TOKEN_NOT_PRESENT'],
  [0xe1, 'CKR_TOKEN_NOT_RECOGNIZED'],
  [0x100, 'CKR_USER_ALREADY_LOGGED_IN'],
  [0x101, 'CKR_USER_NOT_LOGGED_IN'],
  [0x102, 'CKR_USER_PIN_NOT_INITIALIZED'],
  [0x104, 'CKR_USER_ANOTHER_ALREADY_LOGGED_IN'],
  [0x105, 'CKR_USER_TOO_MANY_TYPES'],
  [0x190, 'CKR_CRYPTOKI_NOT_INITIALIZED'],
  [0x1a0, 'CKR_MUTEX_BAD'],
  [0x1a1, 'CKR_MUTEX_NOT_LOCKED'],
  [0x1b6, 'CKR_FIPS_SELF_TEST_FAILED'],
  [0x208, 'CKR_TOKEN_NOT_INITIALIZED'],
];

const unknown: readonly Row[] = [
  [0x5, 'CKR_GENERAL_ERROR'],
  [0x6, 'CKR_FUNCTION_FAILED'],
  [0x204, 'CKR_PENDING'],
  [0x80000000, 'CKR_VENDOR_DEFINED'],
];

const pinRefused: readonly Row[] = [
  [0xa0, 'CKR_PIN_INCORRECT', down],
  [0xa1, 'CKR_PIN_INVALID', down],
  [0xa2, 'CKR_PIN_LEN_RANGE', down],
  [0xa3, 'CKR_PIN_EXPIRED', down],
  [0xa4, 'CKR_PIN_LOCKED', down],
  [0x1b0, 'CKR_NEW_PIN_MODE', down],
  [0x1b1, 'CKR_NEXT_OTP', down],
  [0x1b8, 'CKR_PIN_TOO_WEAK', down],
];

const refused: readonly Row[] = [
  [0x7, 'CKR_ARGUMENTS_BAD', bug],
  [0x8, 'CKR_NO_EVENT', bug],
  [0x9, 'CKR_NEED_TO_CREATE_THREADS', setup],
  [0xa, 'CKR_CANT_LOCK', setup],
  [0x10, 'CKR_ATTRIBUTE_READ_ONLY', bug],
  [0x11, 'CKR_ATTRIBUTE_SENSITIVE', bug],
  [0x12, 'CKR_ATTRIBUTE_TYPE_INVALID', lacking],
  [0x13, 'CKR_ATTRIBUTE_VALUE_INVALID', lacking],
  [0x1b, 'CKR_ACTION_PROHIBITED', purpose],
  [0x20, 'CKR_DATA_INVALID', 'request-invalid'],
  [0x21, 'CKR_DATA_LEN_RANGE', 'request-invalid'],
  [0x31, 'CKR_DEVICE_MEMORY', down],
  [0x40, 'CKR_ENCRYPTED_DATA_INVALID', forged],
  [0x41, 'CKR_ENCRYPTED_DATA_LEN_RANGE', forged],
  [0x42, 'CKR_AEAD_DECRYPT_FAILED', forged],
  [0x51, 'CKR_FUNCTION_NOT_PARALLEL', bug],
  [0x54, 'CKR_FUNCTION_NOT_SUPPORTED', lacking],
  [0x62, 'CKR_KEY_SIZE_RANGE', purpose],
  [0x63, 'CKR_KEY_TYPE_INCONSISTENT', purpose],
  [0x64, 'CKR_KEY_NOT_NEEDED', bug],
  [0x65, 'CKR_KEY_CHANGED', bug],
  [0x66, 'CKR_KEY_NEEDED', bug],
  [0x67, 'CKR_KEY_INDIGESTIBLE', bug],
  [0x68, 'CKR_KEY_FUNCTION_NOT_PERMITTED', purpose],
  [0x69, 'CKR_KEY_NOT_WRAPPABLE', purpose],
  [0x6a, 'CKR_KEY_UNEXTRACTABLE', purpose],
  [0x70, 'CKR_MECHANISM_INVALID', lacking],
  [0x71, 'CKR_MECHANISM_PARAM_INVALID', lacking],
  [0xb4, 'CKR_SESSION_PARALLEL_NOT_SUPPORTED', bug],
  [0xb5, 'CKR_SESSION_READ_ONLY', bug],
  [0xb6, 'CKR_SESSION_EXISTS', bug],
  [0xb7, 'CKR_SESSION_READ_ONLY_EXISTS', bug],
  [0xb8, 'CKR_SESSION_READ_WRITE_SO_EXISTS', bug],
  [0xc0, 'CKR_SIGNATURE_INVALID', bug],
  [0xc1, 'CKR_SIGNATURE_LEN_RANGE', bug],
  [0xd0, 'CKR_TEMPLATE_INCOMPLETE', lacking],
  [0xd1, 'CKR_TEMPLATE_INCONSISTENT', lacking],
  [0xe2, 'CKR_TOKEN_WRITE_PROTECTED', down],
  [0xf1, 'CKR_UNWRAPPING_KEY_SIZE_RANGE', purpose],
  [0xf2, 'CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT', purpose],
  [0x103, 'CKR_USER_TYPE_INVALID', bug],
  [0x110, 'CKR_WRAPPED_KEY_INVALID', forged],
  [0x112, 'CKR_WRAPPED_KEY_LEN_RANGE', forged],
  [0x114, 'CKR_WRAPPING_KEY_SIZE_RANGE', purpose],
  [0x115, 'CKR_WRAPPING_KEY_TYPE_INCONSISTENT', purpose],
  [0x120, 'CKR_RANDOM_SEED_NOT_SUPPORTED', bug],
  [0x121, 'CKR_RANDOM_NO_RNG', lacking],
  [0x130, 'CKR_DOMAIN_PARAMS_INVALID', lacking],
  [0x140, 'CKR_CURVE_NOT_SUPPORTED', lacking],
  [0x150, 'CKR_BUFFER_TOO_SMALL', bug],
  [0x160, 'CKR_SAVED_STATE_INVALID', bug],
  [0x170, 'CKR_INFORMATION_SENSITIVE', bug],
  [0x180, 'CKR_STATE_UNSAVEABLE', bug],
  [0x191, 'CKR_CRYPTOKI_ALREADY_INITIALIZED', setup],
  [0x1b5, 'CKR_EXCEEDED_MAX_ITERATIONS', bug],
  [0x1b7, 'CKR_LIBRARY_LOAD_FAILED', setup],
  [0x1b9, 'CKR_PUBLIC_KEY_INVALID', bug],
  [0x200, 'CKR_FUNCTION_REJECTED', down],
  [0x201, 'CKR_TOKEN_RESOURCE_EXCEEDED', down],
  [0x203, 'CKR_KEY_EXHAUSTED', 'key-exhausted'],
  [0x205, 'CKR_SESSION_ASYNC_NOT_SUPPORTED', lacking],
  [0x206, 'CKR_SEED_RANDOM_REQUIRED', down],
  [0x207, 'CKR_OPERATION_NOT_VALIDATED', down],
  [0x209, 'CKR_PARAMETER_SET_NOT_SUPPORTED', lacking],
];

function rows(
  action: FaultAction,
  table: readonly Row[],
  marks: { evictsHandle?: boolean; refusesPin?: boolean } = {},
): ReturnCode[] {
  return table.map(([value, name, code = down]) =>
    Object.freeze({
      value,
      name,
      action,
      code,
      evictsHandle: marks.evictsHandle ?? false,
      refusesPin: marks.refusesPin ?? false,
    }),
  );
}

/** All codes of PKCS#11 v2.40 and v3.1 but CKR_OK. */
export const returnCodes: readonly ReturnCode[] = Object.freeze([
  ...rows('retry', retried),
  ...rows('retry', deadHandles, { evictsHandle: true }),
  ...rows('reopen', reopened),
  ...rows('unknown', unknown),
  ...rows('refuse', pinRefused, { refusesPin: true }),
  ...rows('refuse', refused),
]);

const byValue = new Map(returnCodes.map((row) => [row.value, row]));

/** Total: a code of a vendor, of a later standard, or none at all tells nothing and is probed. */
export function returnCodeOf(value: number): ReturnCode {
  return (
    byValue.get(value) ?? {
      value,
      name: 'CKR_VENDOR_DEFINED',
      action: 'unknown',
      code: down,
      evictsHandle: false,
      refusesPin: false,
    }
  );
}
