export type { ExtraBusUser } from './engines/nats.ts';
export { cliMain, type Finished, runProgram } from './main-job/command-line.ts';
export { makeTokenIssuer } from './main-job/service-account.ts';
export type { ServiceProcess } from './service-table.ts';
export type { StackInfo } from './stack-info.ts';
export { StackProblem } from './stack-problem.ts';
export { type Stack, type StackOptions, startStack } from './start-stack.ts';
export type { RestartChanges } from './supervisor.ts';
