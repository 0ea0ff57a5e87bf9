import { removeFrom } from "../lib/remove-from.ts";
import type { Priority } from "../request/api.ts";

/** One request of one tenant, as a queue sees it: the object itself stands for the request. */
export interface Flow {
  /** Tenants share a deployment by their weights, however many requests each of them has. */
  readonly tenant: string;
  /** Above 0. */
  readonly tenantWeight: number;
  /** Above 0: this request's weight among those of its tenant. */
  readonly weight: number;
}

/** Something that waits with so many documents. */
export interface Queued {
  readonly documents: number;
}

/** Tenants that are kept before those that no longer count are looked for. */
const fewestKept = 1_000;

/** Requests may name any; beyond this virtual time could become too large to add anything to it. */
const lowestPriority = 1_000;

/**
 * The share that a priority gives: 0 has the whole one, 1 half of it, 9 a tenth, and beyond 1,000 all have the same. Never
 * nothing, so none starves. In the background all have the same, of what nobody else wants.
 */
export function weightOfPriority(priority: Priority = 0): number {
  return priority === "background" ? 1 : 1 / (1 + Math.min(priority, lowestPriority));
}

/**
 * A queue that is fair on two levels, between tenants first and then between the requests of each, by documents and
 * weights (start-time fair queueing: Goyal, Vin and Cheng, 1996; hierarchical: Bennett and Zhang, 1996). The
 * tenant with the smallest share so far is next; among equals the heavier one, then the one that came first.
 */
export class FairQueue<Item extends Queued> {
  readonly #tenants = new Map<string, Tenant<Item>>();
  #virtualTime = 0;
  #documents = 0;
  #waitingTenants = 0;
  #mostKept = fewestKept;

  get documents(): number {
    return this.#documents;
  }

  /** @internal Tenants of which it remembers anything. */
  get tenantsKept(): number {
    return this.#tenants.size;
  }

  /** Documents of one tenant that wait. */
  documentsOf(tenant: string): number {
    return this.#documents === 0 ? 0 : (this.#tenants.get(tenant)?.documents ?? 0);
  }

  /**
   * Documents that one tenant may have waiting, where all together have room for `most`: an equal part for each that
   * waits. Who fills the queue leaves the next one its part, so all together may be `most` × (1 + 1/2 + 1/3 …).
   */
  shareOf(tenant: string, most: number): number {
    return most / Math.max(1, this.#waitingTenants + (this.documentsOf(tenant) > 0 ? 0 : 1));
  }

  add(item: Item, flow: Flow): void {
    const tenant = this.#tenantOf(flow);
    if (tenant.documents === 0) {
      tenant.start = Math.max(this.#virtualTime, tenant.finish);
      this.#waitingTenants++;
    }
    tenant.add(item, flow);
    this.#documents += item.documents;
  }

  /** The item leaves without being served. */
  remove(item: Item, flow: Flow): void {
    const tenant = this.#tenants.get(flow.tenant);
    if (!tenant?.remove(item, flow)) return;
    this.#documents -= item.documents;
    if (tenant.documents === 0) this.#tenantLeft();
  }

  /** The next item among those that may be served now. */
  next(mayServe: (item: Item) => boolean = always): Item | undefined {
    let best: Tenant<Item> | undefined;
    let found: Item | undefined;
    for (const tenant of this.#tenants.values()) {
      if (tenant.documents === 0 || (best && !isBefore(tenant, best))) continue;
      const item = tenant.first();
      if (!item) continue;
      if (mayServe(item)) {
        best = tenant;
        found = item;
        // What it may not have now it does not get later in addition.
      } else tenant.start = Math.max(tenant.start, this.#virtualTime);
    }
    return found;
  }

  /** The item leaves because it is served: its request and its tenant have had that many documents. */
  serve(item: Item, flow: Flow): void {
    const tenant = this.#tenants.get(flow.tenant);
    if (!tenant?.serve(item, flow)) return;
    this.#virtualTime = Math.max(this.#virtualTime, tenant.start);
    tenant.start = tenant.finish = tenant.start + item.documents / tenant.weight;
    this.#documents -= item.documents;
    if (tenant.documents === 0) this.#tenantLeft();
  }

  /**
   * Documents that would be served before as many of this request, if they were added now: no other request of its tenant
   * and no other tenant is served more than in proportion while both wait.
   */
  documentsBefore(flow: Flow, documents: number): number {
    const own = this.#tenants.get(flow.tenant);
    const ofTenant = own?.documentsBefore(flow, documents) ?? documents;
    let before = ofTenant;
    for (const tenant of this.#tenants.values())
      if (tenant !== own) before += Math.min(tenant.documents, (ofTenant * tenant.weight) / flow.tenantWeight);
    return before;
  }

  #tenantOf({ tenant: name, tenantWeight }: Flow): Tenant<Item> {
    const known = this.#tenants.get(name);
    if (known) {
      // A new configuration may have given it another.
      known.weight = tenantWeight;
      return known;
    }
    if (this.#tenants.size >= this.#mostKept) this.#forgetTenants();
    const tenant = new Tenant<Item>(tenantWeight);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  /** What a tenant has had until now is of no account to one that comes back later. */
  #forgetTenants(): void {
    for (const [name, { documents, finish }] of this.#tenants)
      if (documents === 0 && finish <= this.#virtualTime) this.#tenants.delete(name);
    this.#mostKept = Math.max(fewestKept, 2 * this.#tenants.size);
  }

  /** What a tenant has had counts as long as others wait; afterwards all begin anew, and none is kept. */
  #tenantLeft(): void {
    this.#waitingTenants--;
    if (this.#waitingTenants > 0) return;
    this.#tenants.clear();
    this.#virtualTime = 0;
  }
}

function always(): boolean {
  return true;
}

interface Turn {
  readonly weight: number;
  /** Virtual time at which it may be served next: the smallest comes first. */
  readonly start: number;
}

function isBefore(one: Turn, other: Turn): boolean {
  return one.start < other.start || (one.start === other.start && one.weight > other.weight);
}

/** What one tenant has waiting, by request. */
class Tenant<Item extends Queued> {
  weight: number;
  start = 0;
  finish = 0;
  documents = 0;
  /** In the order they came. */
  readonly #requests: RequestQueue<Item>[] = [];
  #virtualTime = 0;

  constructor(weight: number) {
    this.weight = weight;
  }

  add(item: Item, flow: Flow): void {
    const request = this.#of(flow) ?? new RequestQueue<Item>(flow, this.#virtualTime);
    if (request.items.size === 0) this.#requests.push(request);
    request.items.add(item);
    request.documents += item.documents;
    this.documents += item.documents;
  }

  first(): Item | undefined {
    let best: RequestQueue<Item> | undefined;
    for (const request of this.#requests) if (!best || isBefore(request, best)) best = request;
    return best?.first();
  }

  /** @returns whether it was there. */
  remove(item: Item, flow: Flow): boolean {
    const request = this.#of(flow);
    if (!request?.items.delete(item)) return false;
    request.documents -= item.documents;
    this.documents -= item.documents;
    if (request.items.size === 0) removeFrom(this.#requests, request);
    return true;
  }

  /** @returns whether it was there. */
  serve(item: Item, flow: Flow): boolean {
    const request = this.#of(flow);
    if (!request || !this.remove(item, flow)) return false;
    this.#virtualTime = Math.max(this.#virtualTime, request.start);
    request.start += item.documents / request.weight;
    return true;
  }

  documentsBefore(flow: Flow, documents: number): number {
    const mine = (this.#of(flow)?.documents ?? 0) + documents;
    let before = mine;
    for (const request of this.#requests)
      if (request.flow !== flow) before += Math.min(request.documents, (mine * request.weight) / flow.weight);
    return before;
  }

  #of(flow: Flow): RequestQueue<Item> | undefined {
    return this.#requests.find((request) => request.flow === flow);
  }
}

/** What one request has waiting, in the order it was added. */
class RequestQueue<Item extends Queued> {
  readonly flow: Flow;
  readonly weight: number;
  readonly items = new Set<Item>();
  start: number;
  documents = 0;

  constructor(flow: Flow, start: number) {
    this.flow = flow;
    this.weight = flow.weight;
    this.start = start;
  }

  first(): Item | undefined {
    return this.items.values().next().value;
  }
}
