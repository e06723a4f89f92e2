/** What a walk over the syntax tree of one file finds; which of it is allowed where is for the rules to say. */
import { type Program, Visitor } from 'oxc-parser';

export interface FunctionFact {
  readonly name: string;
  readonly line: number;
  readonly lineCount: number;
}

/** A use of a name: `process.env`, `setTimeout`, `new Date`, `session.C_SignCallback`. */
export interface UseFact {
  readonly name: string;
  readonly line: number;
}

export interface CodeFacts {
  readonly functions: readonly FunctionFact[];
  /** Members of globals as `object.member`, of everything else as `.member`. */
  readonly members: readonly UseFact[];
  /** What is called by its bare name. */
  readonly calls: readonly UseFact[];
  /** What is made with `new` without arguments. */
  readonly bareConstructions: readonly UseFact[];
  /** Codes handed to `new StrongroomError`. */
  readonly errorCodes: readonly UseFact[];
  /** Properties that are set in object literals, by name. */
  readonly literalProperties: readonly UseFact[];
  /** Statements at the top level that are more than declarations of types. */
  readonly runtimeStatements: readonly UseFact[];
}

const globals = new Set([
  'process',
  'Date',
  'Math',
  'performance',
  'console',
  'test',
  'it',
  'describe',
  'suite',
]);
const typeStatements = new Set([
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'ImportDeclaration',
  'ExportAllDeclaration',
]);

interface Span {
  readonly start: number;
  readonly end: number;
}

export function collectFacts(program: Program, lineOf: (offset: number) => number): CodeFacts {
  const functions: FunctionFact[] = [];
  const members: UseFact[] = [];
  const calls: UseFact[] = [];
  const bareConstructions: UseFact[] = [];
  const errorCodes: UseFact[] = [];
  const literalProperties: UseFact[] = [];
  const addFunction = (name: string, { start, end }: Span) =>
    functions.push({ name, line: lineOf(start), lineCount: lineOf(end) - lineOf(start) + 1 });

  new Visitor({
    FunctionDeclaration: (node) => addFunction(node.id?.name ?? 'function', node),
    MethodDefinition: (node) => addFunction(node.key.type === 'Identifier' ? node.key.name : 'method', node),
    VariableDeclarator: (node) => {
      const isFunction =
        node.init?.type === 'ArrowFunctionExpression' || node.init?.type === 'FunctionExpression';
      if (isFunction) addFunction(node.id.type === 'Identifier' ? node.id.name : 'function', node);
      if (node.id.type !== 'ObjectPattern' || node.init?.type !== 'Identifier') return;
      if (!globals.has(node.init.name)) return;
      for (const part of node.id.properties) {
        const member = part.type === 'Property' ? memberName(part.key, part.computed) : undefined;
        if (member !== undefined)
          members.push({ name: `${node.init.name}.${member}`, line: lineOf(part.start) });
      }
    },
    MemberExpression: (node) => {
      const member = memberName(node.property, node.computed);
      if (member === undefined) return;
      const isGlobal = node.object.type === 'Identifier' && globals.has(node.object.name);
      const object = isGlobal && node.object.type === 'Identifier' ? node.object.name : '';
      members.push({ name: `${object}.${member}`, line: lineOf(node.start) });
    },
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier') calls.push({ name: node.callee.name, line: lineOf(node.start) });
    },
    NewExpression: (node) => {
      if (node.callee.type !== 'Identifier') return;
      const [first] = node.arguments;
      const line = lineOf(node.start);
      if (first === undefined) bareConstructions.push({ name: node.callee.name, line });
      if (node.callee.name !== 'StrongroomError' || first?.type !== 'Literal') return;
      if (typeof first.value === 'string') errorCodes.push({ name: first.value, line });
    },
    Property: (node) => {
      const name = memberName(node.key, node.computed);
      if (name !== undefined) literalProperties.push({ name, line: lineOf(node.start) });
    },
  }).visit(program);

  const runtimeStatements = program.body.flatMap((statement) => {
    if (typeStatements.has(statement.type)) return [];
    if (statement.type === 'ExportNamedDeclaration') {
      const declaration = statement.declaration?.type;
      if (declaration === undefined || typeStatements.has(declaration)) return [];
      return [{ name: declaration, line: lineOf(statement.start) }];
    }
    return [{ name: statement.type, line: lineOf(statement.start) }];
  });
  return { functions, members, calls, bareConstructions, errorCodes, literalProperties, runtimeStatements };
}

function memberName(
  key: { readonly type: string; readonly name?: unknown; readonly value?: unknown },
  isComputed: boolean,
): string | undefined {
  const name = key.type === 'Literal' ? key.value : isComputed ? undefined : key.name;
  return typeof name === 'string' ? name : undefined;
}
