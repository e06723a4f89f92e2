export { answerLookup, checkedAddress, type Resolve, resolveHost } from './checked-address.ts';
