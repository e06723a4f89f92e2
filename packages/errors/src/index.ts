export {
  type Audience,
  type Effect,
  type ErrorCode,
  type ErrorDescriptor,
  errorCatalogue,
  isErrorCode,
  type Retry,
} from './catalogue.ts';
export { type FaultOutline, outlineFault } from './fault-outline.ts';
export {
  isStrongroomError,
  StrongroomError,
  type StrongroomErrorOptions,
  toStrongroomError,
} from './strongroom-error.ts';
