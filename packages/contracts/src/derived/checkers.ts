/** The checks of every message that crosses a process boundary. */
import {
  type OperationName,
  type OperationReply,
  type OperationRequest,
  operationCatalogue,
} from '../catalogue.ts';
import { AppendReply, AppendRequest } from '../wire/append.ts';
import * as approval from '../wire/approval.ts';
import { ArchivedSigners, ArchiveSeal } from '../wire/archive.ts';
import * as audit from '../wire/audit.ts';
import { Entry, EntryBody } from '../wire/entry.ts';
import { DomainEvent } from '../wire/event.ts';
import { SignedGovernanceRoot } from '../wire/governance.ts';
import { ItemProof } from '../wire/item-proof.ts';
import { KeyBackup } from '../wire/key-backup.ts';
import { ErrorReply, OperationMessage, ReplyMessage, RoutingHeader } from '../wire/message.ts';
import { RegistryLookReply, RegistryLookRequest } from '../wire/registry-look.ts';
import { RetentionPlanReply, RetentionPlanRequest } from '../wire/retention.ts';
import { SinksReply, SinksRequest } from '../wire/sink.ts';
import { SealingKeys, SignedStatement } from '../wire/statement.ts';
import * as witness from '../wire/witness.ts';
import { type Checker, makeChecker } from './checker.ts';

export const checkers = Object.freeze({
  appendReply: makeChecker(AppendReply),
  appendRequest: makeChecker(AppendRequest),
  archiveSeal: makeChecker(ArchiveSeal),
  archivedSigners: makeChecker(ArchivedSigners),
  auditExportReply: makeChecker(audit.AuditExportReply),
  auditExportRequest: makeChecker(audit.AuditExportRequest),
  auditCountReply: makeChecker(audit.AuditCountReply),
  auditCountRequest: makeChecker(audit.AuditCountRequest),
  auditQueryReply: makeChecker(audit.AuditQueryReply),
  auditQueryRequest: makeChecker(audit.AuditQueryRequest),
  certificate: makeChecker(approval.Certificate),
  certifyReply: makeChecker(witness.CertifyReply),
  certifyRequest: makeChecker(witness.CertifyRequest),
  domainEvent: makeChecker<typeof DomainEvent, DomainEvent>(DomainEvent),
  entry: makeChecker(Entry),
  entryBody: makeChecker(EntryBody),
  errorReply: makeChecker(ErrorReply),
  executeReply: makeChecker(approval.ExecuteReply),
  executeRequest: makeChecker(approval.ExecuteRequest),
  itemProof: makeChecker<typeof ItemProof, ItemProof>(ItemProof),
  keyBackup: makeChecker<typeof KeyBackup, KeyBackup>(KeyBackup),
  operationIntent: makeChecker(approval.OperationIntent),
  operationMessage: makeChecker<typeof OperationMessage, OperationMessage>(OperationMessage),
  proposal: makeChecker(approval.Proposal),
  proposalListReply: makeChecker(approval.ProposalListReply),
  proposalListRequest: makeChecker(approval.ProposalListRequest),
  proposalShowRequest: makeChecker(approval.ProposalShowRequest),
  proposeRequest: makeChecker(approval.ProposeRequest),
  registryLookReply: makeChecker(RegistryLookReply),
  registryLookRequest: makeChecker(RegistryLookRequest),
  replyMessage: makeChecker<typeof ReplyMessage, ReplyMessage>(ReplyMessage),
  routingHeader: makeChecker(RoutingHeader),
  retentionPlanReply: makeChecker(RetentionPlanReply),
  retentionPlanRequest: makeChecker(RetentionPlanRequest),
  sealingKeys: makeChecker(SealingKeys),
  signedGovernanceRoot: makeChecker(SignedGovernanceRoot),
  signedStatement: makeChecker(SignedStatement),
  sinksReply: makeChecker(SinksReply),
  sinksRequest: makeChecker(SinksRequest),
  voteRequest: makeChecker(approval.VoteRequest),
  witnessReply: makeChecker(witness.WitnessReply),
  witnessRequest: makeChecker(witness.WitnessRequest),
});

export interface OperationChecker<Request = unknown, Reply = unknown> {
  readonly request: Checker<Request>;
  readonly reply: Checker<Reply>;
}

const operationCheckers: ReadonlyMap<string, OperationChecker> = new Map(
  [...operationCatalogue].map(([name, row]) => [
    name,
    {
      request: makeChecker<typeof row.request, unknown>(row.request),
      reply: makeChecker<typeof row.reply, unknown>(row.reply),
    },
  ]),
);

/** What fits the schemas of the row has the types of the catalogue: both come from one declaration. */
export function operationChecker<Name extends OperationName>(
  name: Name,
): OperationChecker<OperationRequest<Name>, OperationReply<Name>> {
  const checker = operationCheckers.get(name);
  if (checker === undefined) throw new TypeError(`no such operation: ${name}`);
  return checker as OperationChecker<OperationRequest<Name>, OperationReply<Name>>;
}
