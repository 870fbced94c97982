/** What the page shows beside the list, as its address has it: so Back leads back, and a reload stays. */
import { ALL } from './state.ts';

export type Route =
  | { readonly show: 'nothing' }
  | { readonly show: 'actor'; readonly actor: string }
  | { readonly show: 'capsules' }
  | { readonly show: 'replay'; readonly name: string };

export function routeIn(hash: string): Route {
  const [, what, name = ''] = /^#\/(all|actor|capsules)(?:\/(.+))?$/.exec(hash) ?? [];
  if (what === 'all') return { show: 'actor', actor: ALL };
  if (what === 'actor' && name !== '') return { show: 'actor', actor: plain(name) };
  if (what === 'capsules')
    return name === '' ? { show: 'capsules' } : { show: 'replay', name: plain(name) };
  return { show: 'nothing' };
}

export function hashOf(route: Route): string {
  if (route.show === 'nothing') return '#/';
  if (route.show === 'capsules') return '#/capsules';
  if (route.show === 'replay') return `#/capsules/${encodeURIComponent(route.name)}`;
  return route.actor === ALL ? '#/all' : `#/actor/${encodeURIComponent(route.actor)}`;
}

function plain(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
