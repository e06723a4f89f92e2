/**
 * Roles and schemas, as an administrator sets them up once: every service owns one schema and can reach no other. The
 * services themselves never have the right to do this. The administrator need not be a superuser, which managed servers do
 * not hand out: a role that may create roles and owns the database is enough.
 */

export interface ServiceDatabase {
  /** Name of role and schema. */
  readonly name: string;
  readonly password: string;
}

const namePattern = /^[a-z][a-z0-9_]{0,30}$/;

/** SQL statements for one session, each safe to run again. */
export function bootstrapStatements(
  database: string,
  services: readonly ServiceDatabase[],
): readonly string[] {
  return [
    `REVOKE ALL ON DATABASE ${identifier(database)} FROM PUBLIC`,
    'REVOKE ALL ON SCHEMA public FROM PUBLIC',
    ...services.flatMap(({ name, password }) => {
      const role = identifier(name);
      // A role that is here already is taken over only if it has no right that no service may have.
      const excess = 'rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls';
      return [
        `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)}) THEN CREATE ROLE ${role};
         ELSIF EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(name)} AND (${excess})) THEN
         RAISE EXCEPTION 'the role % has rights that no service may have', ${literal(name)}; END IF; END $$`,
        `ALTER ROLE ${role} WITH LOGIN NOINHERIT PASSWORD ${literal(password)}`,
        `GRANT CONNECT ON DATABASE ${identifier(database)} TO ${role}`,
        // Who is no superuser hands a schema only to a role that it is a member of.
        `GRANT ${role} TO CURRENT_USER`,
        `CREATE SCHEMA IF NOT EXISTS ${role} AUTHORIZATION ${role}`,
        `SET ROLE ${role}`,
        `REVOKE ALL ON SCHEMA ${role} FROM PUBLIC`,
        'RESET ROLE',
        `REVOKE ${role} FROM CURRENT_USER`,
      ];
    }),
  ];
}

function identifier(name: string): string {
  if (!namePattern.test(name)) throw new TypeError('not a name for a role or schema');
  return `"${name}"`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
