import assert from 'node:assert/strict';
import { byText, table } from './story.mjs';

const mostMiB = 480;

/** What docker says of what runs, and not what the file asked for. */
export function images(compose) {
  const containers = compose.containers();
  const details = JSON.parse(compose.docker('container', 'inspect', ...containers.map(({ ID }) => ID)));
  for (const { Name, Config, HostConfig, NetworkSettings } of details) {
    assert.ok(HostConfig.ReadonlyRootfs, `${Name} can write to its file system`);
    assert.ok(!['', 'root', '0'].includes(Config.User), `${Name} runs as root`);
    assert.deepEqual(HostConfig.CapDrop, ['ALL'], `${Name} has capabilities`);
    assert.ok(HostConfig.SecurityOpt.includes('no-new-privileges:true'), `${Name} may gain privileges`);
    for (const { HostIp } of Object.values(NetworkSettings.Ports ?? {}).flatMap((binding) => binding ?? []))
      assert.equal(HostIp, '127.0.0.1', `${Name} is published beyond this machine`);
  }
  const names = [...new Set(details.map(({ Config }) => Config.Image))].toSorted(byText);
  const sizes = names.map((name) => {
    const [{ Size }] = JSON.parse(compose.docker('image', 'inspect', name));
    return { name, mib: Size / 2 ** 20 };
  });
  const ours = sizes.filter(({ name }) => name.startsWith('customer-profile-'));
  for (const { name, mib } of ours) assert.ok(mib < mostMiB, `${name} has ${mib.toFixed(0)} MiB`);
  table(sizes.map(({ name, mib }) => [name, `${mib.toFixed(0)} MiB`]));
  return `${details.length} containers`;
}
