/**
 * The records that grant or hold something. Ids: keys, secrets `<group>/<name>`; secret versions
 * `<group>/<name>/<version>`; grants, principals: the principal id; everything else its name. Bytes as base64url, time
 * as RFC 3339, as on the wire: a record's canonical bytes are what its MAC covers.
 */
import type {
  BindingEffect,
  BindingScope,
  KeyOrigin,
  KeyPurpose,
  KeyState,
  KeyType,
  KeyUsage,
  ProtectionLevel,
  SecretKind,
  SignedGovernanceRoot,
  SinkTarget,
  Standing,
} from '@strongroom/contracts';
import type { ClusterRecord, SsoProviderRecord } from './issuer-record.ts';
import type { PrincipalRecord } from './principal-record.ts';

/**
 * `token`: label of the HSM key, unique for ever. `data`: AES key wrapped (AES-KWP) by `wrappedBy`, used as a session object of
 * the token. `software`: key octets that `wrappedBy` encrypted (AES-GCM) with `softwareContext` as associated data, used in the
 * memory of a worker. `destroyed`: what is left of any of them.
 */
export type KeyMaterial =
  | { readonly kind: 'token'; readonly label: string }
  | { readonly kind: 'data'; readonly wrappedBy: string; readonly wrapped: string }
  | { readonly kind: 'software'; readonly wrappedBy: string; readonly sealed: string }
  | { readonly kind: 'destroyed' };

export interface KeyVersionRecord {
  readonly version: number;
  readonly state: KeyState;
  readonly createdAt: string;
  readonly origin: KeyOrigin;
  readonly material: KeyMaterial;
  /** Of a key pair: DER of the SubjectPublicKeyInfo, base64url. */
  readonly publicKey?: string;
  /** Of a key pair: SHA-256 of its SPKI. */
  readonly checkValue?: string;
  readonly destroyAt?: string;
}

/**
 * A key with purpose `kek` is always `aes-256`, `hsm` and not exportable. Destroyed keys and versions keep their records: a
 * name, an id or a version number that once meant something never means something else.
 */
export interface KeyRecord {
  /** Request id of the creation: never reused, so every derived id is not either. */
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly type: KeyType;
  readonly protection: ProtectionLevel;
  readonly exportable: boolean;
  readonly state: KeyState;
  readonly currentVersion: number;
  /** Versions below it are withheld. */
  readonly minimumVersion: number;
  readonly versions: readonly KeyVersionRecord[];
  readonly labels: Readonly<Record<string, string>>;
  readonly usage: KeyUsage;
  readonly policy?: string;
  /** KMS providers that list the KEK from its minimum version on; none for other keys. */
  readonly providers: readonly string[];
  readonly rotationDays?: number;
  /** When the platform rotates it next; set with `rotationDays`. */
  readonly rotateAt?: string;
  /** Against the scheduling of destruction. */
  readonly protected: boolean;
  readonly destroyAt?: string;
  readonly createdAt: string;
}

/**
 * What is due to happen to a key, in order of time: the id is `<when>/<request id>`, so the first page is what is due first. The
 * key's own record decides; an appointment that it does not confirm any more is dropped.
 */
export interface KeyAppointmentRecord {
  readonly group: string;
  readonly name: string;
  readonly act: 'rotate' | 'destroy';
  /** Of `destroy`; absent: the whole key. */
  readonly version?: number;
}

/** How far the values of a group are encrypted anew after its KEK was rotated. */
export interface ReencryptionRecord {
  readonly startedAt: string;
  /** Begin of the walk under way; one that begins long enough after the rotation meets every value. */
  readonly walkStartedAt: string;
  /** Id of the last version that the walk has done; absent at its begin. */
  readonly after?: string;
  readonly reencrypted: number;
  /** Versions of this walk that were tampered with; absent: none. They stay as they are. */
  readonly skipped?: number;
  readonly finishedAt?: string;
}

/** AES-GCM invocations that workers have reserved. Id: `<key id>/<version>` of a key version, the HSM label of a group's KEK. */
export interface GcmCountRecord {
  readonly reserved: number;
}

export interface GroupRecord {
  readonly name: string;
  /** HSM label of the KEK that wraps the DEKs of the group's secrets; each value names the one that it is under. */
  readonly kekLabel: string;
  readonly kekVersion: number;
  readonly kekCreatedAt: string;
  /** Former KEKs, which are still on the token: of no value any more once the walk is finished, and of copies of the database. */
  readonly formerKeks: readonly { readonly version: number; readonly label: string }[];
  readonly reencryption?: ReencryptionRecord;
  /** Since when the platform is to rotate the KEK: half of the invocations that it may make are reserved. */
  readonly rotateAt?: string;
  readonly policy?: string;
  readonly createdAt: string;
}

export interface SecretVersionEntry {
  readonly version: number;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly rotateBy?: string;
  /** Somebody deleted it, or the background noticed that `deleteAt` was past. */
  readonly deletedAt?: string;
  readonly deleteAt?: string;
  /** Its value is gone. */
  readonly destroyedAt?: string;
  /** Days that were announced last; `expiry: 0` is an expiry that was noticed and holds. */
  readonly announced?: { readonly expiry?: number; readonly rotation?: number };
}

export interface SecretRecord {
  readonly group: string;
  readonly name: string;
  readonly kind: SecretKind;
  /** 0: none was written yet. */
  readonly currentVersion: number;
  /** Oldest first. What retention took is not among them. */
  readonly versions: readonly SecretVersionEntry[];
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly versionsMax: number;
  readonly requiresExpectedVersion: boolean;
  readonly versionLifeSeconds?: number;
  readonly policy?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Value under its own DEK, DEK under the group KEK; both bound to tenant, group, name, version and kind. */
export interface SecretVersionRecord {
  readonly kekLabel: string;
  readonly wrappedDek: string;
  readonly sealedValue: string;
}

/** API key id → principal. */
export interface ApiKeyRecord {
  readonly principal: string;
}

export interface RoleRecord {
  readonly summary: string;
  readonly privileges: readonly string[];
  readonly state: Standing;
}

export interface Grant {
  readonly name: string;
  readonly role: string;
  readonly scope: BindingScope;
  readonly effect: BindingEffect;
}

/** All bindings of one principal in one record: hiding one of them (a deny, say) would break the record's MAC. */
export interface GrantsRecord {
  readonly grants: readonly Grant[];
}

/** Binding name → principal. */
export interface BindingRecord {
  readonly principal: string;
}

/** X25519 private key of one sealing epoch, encrypted by an HSM key of that epoch alone. */
export interface SealingKeyRecord {
  readonly epoch: number;
  readonly publicKey: string;
  readonly wrappedPrivateKey: string;
  readonly wrappedBy: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Where the log streams to; `id` is the request id of its making. */
export interface SinkRecord {
  readonly id: string;
  readonly target: SinkTarget;
  readonly from: number;
  readonly policy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** For how long the database holds entries of the log that are archived. */
export interface RetentionRecord {
  readonly days: number;
  readonly policy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface RecordValues {
  readonly key: KeyRecord;
  readonly 'key-appointment': KeyAppointmentRecord;
  readonly 'gcm-count': GcmCountRecord;
  readonly group: GroupRecord;
  readonly secret: SecretRecord;
  readonly 'secret-version': SecretVersionRecord;
  readonly principal: PrincipalRecord;
  readonly 'api-key': ApiKeyRecord;
  readonly role: RoleRecord;
  readonly grants: GrantsRecord;
  readonly binding: BindingRecord;
  readonly cluster: ClusterRecord;
  readonly 'sso-provider': SsoProviderRecord;
  readonly 'sealing-key': SealingKeyRecord;
  readonly sink: SinkRecord;
  readonly retention: RetentionRecord;
  readonly governance: SignedGovernanceRoot;
}

export type RecordKind = keyof RecordValues;
export type RecordValue<Kind extends RecordKind> = RecordValues[Kind];
