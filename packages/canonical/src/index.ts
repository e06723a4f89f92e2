export { decodeBytes, encodeBytes, equalBytes } from './bytes.ts';
export {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  canonicalText,
  type ParseLimits,
  parseCanonical,
  parseJson,
} from './canonical-json.ts';
export { digest, digestBytes } from './digest.ts';
