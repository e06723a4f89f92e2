export {
  type Decision,
  decide,
  exceeding,
  type GrantInForce,
  type Question,
  type RoleLookup,
} from './decide.ts';
export { builtInRoles, type Role } from './roles.ts';
