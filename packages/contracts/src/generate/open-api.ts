/** OpenAPI 3.1 of the plain REST path, from the catalogue. Its schemas are those that requests are checked against. */
import { errorCatalogue } from '@strongroom/errors';
import { describeOperation } from '../catalogue.ts';
import { type DerivedRoute, restRoutes } from '../derived/rest-routes.ts';
import * as fields from '../fields.ts';
import type { OperationDescriptor } from '../operation.ts';
import { type Json, ref, toJsonSchema } from './json-schema.ts';
import { operationTypes, typesInUse } from './named-types.ts';
import type { SchemaShape } from './schema-shape.ts';

export function openApi(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Strongroom',
      version,
      description:
        'The plain path. The gateway seals each request for the caller, so it sees it; callers with secrets of their own use POST /v1/sealed.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ bearer: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'API key `sr_<id>_<secret>`, or a service-account token together with `Strongroom-Cluster`.',
        },
      },
      parameters: {
        RequestId: header('Strongroom-Request-Id', 'UUIDv7; makes a change idempotent.', fields.RequestId),
        Cluster: header('Strongroom-Cluster', 'Registered cluster that issued the token.', fields.Name),
      },
      headers: {
        RequestId: { schema: toJsonSchema(fields.RequestId as SchemaShape) },
        LogEntry: {
          description: 'Index of the entry in the log.',
          schema: { type: 'string', pattern: '^[0-9]+$' },
        },
      },
      responses: {
        Refusal: {
          description: 'Refused; see errors.md.',
          headers: { 'Retry-After': { schema: { type: 'integer', minimum: 1 } } },
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
      },
      schemas: schemas(),
    },
  };
}

const header = (name: string, description: string, schema: unknown): Json => ({
  name,
  in: 'header',
  description,
  schema: toJsonSchema(schema as SchemaShape),
});

function paths(): Json {
  const found: Record<string, Record<string, Json>> = {};
  for (const route of restRoutes) {
    const row = describeOperation(route.operation);
    found[row.rest.path] = { ...found[row.rest.path], [route.method.toLowerCase()]: operationOf(route, row) };
  }
  return found;
}

function operationOf({ pathFields }: DerivedRoute, row: OperationDescriptor): Json {
  const { properties = {} } = row.request as SchemaShape;
  const hasBody = Object.keys(properties).some((name) => !pathFields.includes(name));
  const types = operationTypes(row);
  const success = { description: 'Done.', headers: answerHeaders, ...content(ref(types.reply)) };
  const pending = {
    description: 'Waits for the approval of its quorum.',
    headers: answerHeaders,
    ...content(ref('PendingApproval')),
  };
  return {
    operationId: row.name,
    summary: row.summary,
    tags: [row.name.split('.')[0]],
    parameters: [
      { $ref: '#/components/parameters/RequestId' },
      { $ref: '#/components/parameters/Cluster' },
      ...pathFields.map((name) => ({
        name,
        in: 'path',
        required: true,
        schema: toJsonSchema(properties[name] as SchemaShape),
      })),
    ],
    ...(hasBody
      ? { requestBody: { required: true, ...content(bodyOf(row, pathFields, types.request)) } }
      : {}),
    responses: {
      '200': success,
      ...(row.guardable ? { '202': pending } : {}),
      default: { $ref: '#/components/responses/Refusal' },
    },
    'x-strongroom-privilege': row.privilege,
  };
}

const answerHeaders = {
  'Strongroom-Request-Id': { $ref: '#/components/headers/RequestId' },
  'Strongroom-Log-Entry': { $ref: '#/components/headers/LogEntry' },
};
const content = (schema: Json): { readonly content: Json } => ({
  content: { 'application/json': { schema } },
});

/** The request without what the path says. */
function bodyOf({ request }: OperationDescriptor, pathFields: readonly string[], name: string): Json {
  if (pathFields.length === 0) return ref(name);
  const schema = request as SchemaShape;
  const inBody = (field: string) => !pathFields.includes(field);
  const required = (schema.required ?? []).filter(inBody);
  return toJsonSchema({
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).filter(([field]) => inBody(field)),
    ),
    additionalProperties: false,
  });
}

function schemas(): Json {
  const found: Record<string, Json> = { Problem: problem };
  for (const [name, schema] of typesInUse()) found[name] = toJsonSchema(schema, false);
  for (const { operation, pathFields } of restRoutes) {
    const row = describeOperation(operation);
    const types = operationTypes(row);
    found[types.reply] ??= toJsonSchema(row.reply as SchemaShape, false);
    if (pathFields.length === 0 && Object.keys(row.request.properties).length > 0) {
      found[types.request] ??= toJsonSchema(row.request as SchemaShape, false);
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Problem details, RFC 9457. */
const problem: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'requestId', 'retry', 'outcome'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: Object.keys(errorCatalogue) },
    detail: { type: 'string' },
    requestId: toJsonSchema(fields.RequestId as SchemaShape),
    retry: { enum: ['never', 'same-request', 'after-delay'] },
    outcome: { enum: ['not-applied', 'unknown'] },
  },
};
