/** A flame graph as one SVG: what ran, on top of who called it, as wide as the time it took. */
import type { StackSample } from './cpu-profile.ts';

interface Flame {
  readonly name: string;
  us: number;
  readonly above: Map<string, Flame>;
}

const width = 1_600;
const row = 17;
const shownPx = 1;
const labelPx = 40;
const characterPx = 6.6;

export function flameGraph(title: string, samples: readonly StackSample[]): string {
  const root: Flame = { name: title, us: 0, above: new Map() };
  for (const { frames, us } of samples) {
    let flame = root;
    flame.us += us;
    for (const { name, path } of frames) {
      const key = path === '' ? name : `${name} ${path}`;
      const above = flame.above.get(key) ?? { name: key, us: 0, above: new Map() };
      flame.above.set(key, above);
      above.us += us;
      flame = above;
    }
  }
  const boxes: string[] = [];
  const depth = draw(root, 0, 0, width / Math.max(1, root.us), boxes);
  const height = (depth + 1) * row;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

/** The number of rows below which nothing is drawn. */
function draw(flame: Flame, x: number, depth: number, pxPerUs: number, boxes: string[]): number {
  const wide = flame.us * pxPerUs;
  if (wide < shownPx) return depth;
  const y = depth * row;
  const label = escaped(flame.name);
  const shown = wide < labelPx ? '' : escaped(flame.name.slice(0, Math.floor(wide / characterPx)));
  boxes.push(
    `<g><title>${label} ${(flame.us / 1_000).toFixed(1)} ms</title><rect x="${x.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${row - 1}" fill="${colourOf(flame.name)}"/><text x="${(x + 2).toFixed(1)}" y="${y + 12}">${shown}</text></g>`,
  );
  let deepest = depth + 1;
  let left = x;
  for (const above of [...flame.above.values()].sort((one, other) => other.us - one.us)) {
    deepest = Math.max(deepest, draw(above, left, depth + 1, pxPerUs, boxes));
    left += above.us * pxPerUs;
  }
  return deepest;
}

/** Ours warm, libraries cool, the runtime grey. */
function colourOf(name: string): string {
  if (/ (packages|services|kubernetes|apps)\//.test(name)) return '#f4b183';
  return / node:|^\(/.test(name) || !name.includes(' ') ? '#d9d9d9' : '#9dc3e6';
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
