import { createRequire } from 'node:module';
import { Dispositions } from './dispositions.js';
import type { Session } from './rhea.js';

interface Said {
  role: boolean;
  first: number;
  last: number;
  settled: boolean;
  state: { descriptor: { value: number } };
}
/** rhea reads what was written: its codec is the oracle. */
const frames = createRequire(import.meta.url)('rhea/lib/frames.js') as {
  read_frame(bytes: Buffer): { channel: number; performative: Said };
};

const ACCEPTED = 0x24;

function setup() {
  const wire: Buffer[] = [];
  const session = {
    open: true,
    local: { channel: 300 },
    is_open: () => session.open,
    output: () => undefined,
  };
  const dispositions = new Dispositions(session as unknown as Session, (bytes) => wire.push(bytes));
  const said = async () => {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    return wire.splice(0).map((bytes) => frames.read_frame(bytes));
  };
  return { session, dispositions, said };
}

describe('dispositions', () => {
  it('accept neighbours of one turn in one frame, whatever their order', async () => {
    const { dispositions, said } = setup();
    for (const id of [7, 9, 8, 20, 5, 21]) dispositions.accept(id);
    const read = await said();
    expect(read.map(({ performative: { first, last } }) => [first, last])).toEqual([
      [5, 5],
      [7, 9],
      [20, 21],
    ]);
    for (const { channel, performative } of read) {
      expect(channel).toBe(300);
      expect(performative).toMatchObject({ role: true, settled: true });
      expect(Number(performative.state.descriptor)).toBe(ACCEPTED);
    }
  });

  it('do not run over the end of the serial numbers', async () => {
    const { dispositions, said } = setup();
    for (const id of [4_294_967_294, 4_294_967_295, 0, 1]) dispositions.accept(id);
    expect((await said()).map(({ performative: { first, last } }) => [first, last])).toEqual([
      [0, 1],
      [4_294_967_294, 4_294_967_295],
    ]);
  });

  it('say nothing on a session that has ended', async () => {
    const { session, dispositions, said } = setup();
    dispositions.accept(1);
    session.open = false;
    expect(await said()).toEqual([]);
  });
});
