import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompactRange, leafHash, type NodeId } from '@strongroom/merkle';
import fc from 'fast-check';
import { isTileNode, nodeOfTile, tilePartOf } from './tile.ts';

test('a node is the root of its part of one tile', () => {
  assert.deepEqual(tilePartOf({ level: 0, index: 300 }), {
    tile: { level: 0, index: 1 },
    from: 44,
    width: 1,
  });
  assert.deepEqual(tilePartOf({ level: 7, index: 3 }), {
    tile: { level: 0, index: 1 },
    from: 128,
    width: 128,
  });
  assert.deepEqual(tilePartOf({ level: 8, index: 255 }), {
    tile: { level: 1, index: 0 },
    from: 255,
    width: 1,
  });
  assert.deepEqual(tilePartOf({ level: 17, index: 130 }), {
    tile: { level: 2, index: 1 },
    from: 4,
    width: 2,
  });
});

test('every node of a tree comes out of the tiles as it went in', () => {
  const tree = new CompactRange();
  const nodes = Array.from({ length: 1_100 }, (_, at) =>
    tree.append(leafHash(Buffer.from(String(at)))),
  ).flat();
  const rows = new Map<string, Uint8Array>();
  for (const node of nodes)
    if (node.level === 0 || isTileNode(node)) rows.set(`${node.level}/${node.index}`, node.hash);
  assert.equal(rows.size, 1_100 + 4);
  const tileOf = ({ level, index }: { level: number; index: number }) =>
    Buffer.concat(
      Array.from({ length: 256 }, (_, at) => rows.get(`${level * 8}/${index * 256 + at}`) ?? Buffer.alloc(0)),
    );
  fc.assert(
    fc.property(fc.constantFrom(...nodes), ({ level, index, hash }) => {
      const part = tilePartOf({ level, index });
      assert.deepEqual(Buffer.from(nodeOfTile(tileOf(part.tile), part) ?? []), Buffer.from(hash));
    }),
    { numRuns: 60 },
  );
});

test('a tile that lacks a part of the node gives no node', () => {
  const id: NodeId = { level: 2, index: 1 };
  const part = tilePartOf(id);
  assert.equal(nodeOfTile(new Uint8Array(8 * 32 - 1), part), undefined);
  assert.notEqual(nodeOfTile(new Uint8Array(8 * 32), part), undefined);
});
