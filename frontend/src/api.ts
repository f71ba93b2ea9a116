/** The HTTP contract as types, and one way to call it. */
import { msg, str } from "./language";

export type Role = "reviewer" | "supervisor" | "lead";
export type Reason = "wrong_label" | "not_an_object" | "bad_box" | "cant_tell" | "no_label" | "other";
/** What a guideline says beside its text; `shows`: its picture is one, or is none. */
export interface Ruling {
  id: number;
  asked: string;
  said: string;
  shows: "yes" | "no" | null;
  crop: string | null;
}
export interface Label {
  id: number;
  name: string;
  readable_name: string;
  guideline: string;
  guideline_version: number;
  rulings: Ruling[];
  rest: boolean;
  rest_proposed: boolean;
  parent: string | null;
  items: number;
  icon: string | null;
  exemplars: string[];
  look_alikes: string[];
}
export interface Page<T> {
  next: string | null;
  previous: string | null;
  results: T[];
}
export interface Problem {
  type?: string;
  detail?: string;
  errors?: Record<string, string[]>;
}
export interface Job {
  id: number;
  kind: "check" | "import" | "rank" | "plan" | "export" | "predict" | "encoder" | "train" | "recut";
  state: "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";
  done: number;
  total: number | null;
  message: string;
  result: unknown;
  heartbeat_at: string | null;
  created_at: string;
  worker: boolean;
}

/** What went wrong: `status` 0 means that the server did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: Problem & Record<string, unknown>,
  ) {
    super(sentence(status, body));
  }
  get signedOut(): boolean {
    return this.status === 401 || this.status === 403;
  }
  /** True where asking again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The server's sentences by field; empty where it spoke of none. */
export function fieldErrors(error: unknown): Record<string, string[]> {
  return error instanceof ApiError ? (error.body.errors ?? {}) : {};
}

/** What is said where an act was refused or could not be sent: "Not settled: …". */
export function refusal(not: string, error: unknown): string {
  return error instanceof ApiError && error.passing ? `${not}: the server does not answer. Try again in a moment.` : `${not}: ${(error as Error).message}`;
}

function sentence(status: number, body: Problem): string {
  const fields = Object.entries(body.errors ?? {}).flatMap(([field, said]) =>
    said.map((line) => (!field || field === "non_field_errors" ? line : `${field}: ${line}`)),
  );
  if (fields.length) return fields.join(" ");
  if (typeof body.detail === "string" && body.detail) return body.detail;
  if (status === 0) return msg("The server does not answer.");
  return status >= 500 ? msg("The server could not do that just now.") : msg(str`The server refused (${status}).`);
}

/** The cookie first: signing in again in another window changes it, and this page's meta tag would be stale. */
export function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

interface Options {
  headers?: Record<string, string>;
  keepalive?: boolean;
  signal?: AbortSignal;
}

async function answer(method: string, url: string, body?: unknown, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive: options.keepalive ?? false,
      signal: options.signal ?? null,
    });
  } catch {
    throw new ApiError(0, {});
  }
  if (!response.ok) throw new ApiError(response.status, (await response.json().catch(() => ({}))) as Problem & Record<string, unknown>);
  return response;
}

/** Call the API and read its JSON; raises ApiError. */
export async function call<T>(method: string, url: string, body?: unknown, options?: Options): Promise<T> {
  const response = await answer(method, url, body, options);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(url: string): Promise<T> => call<T>("GET", url);

/** An answer whose body is read as it arrives, for bundles of crops; raises ApiError. */
export const fetched = (url: string, signal: AbortSignal): Promise<Response> => answer("GET", url, undefined, { headers: { Accept: "*/*" }, signal });

/** All results of a cursor list, up to `most`. */
export async function all<T>(url: string, most = 2000): Promise<{ results: T[]; more: boolean }> {
  const results: T[] = [];
  let next: string | null = url;
  while (next && results.length < most) {
    const page: Page<T> = await get<Page<T>>(next);
    results.push(...page.results);
    // Only the path: behind a proxy the server may know itself by another name.
    next = page.next && page.next.replace(/^https?:\/\/[^/]+/, "");
  }
  return { results, more: next !== null };
}

const known = new Map<number, Promise<Map<string, Label>>>();

/** A dataset's labels changed: whoever asks next fetches them anew. */
export const forgetLabels = (dataset: number): boolean => known.delete(dataset);

/** A dataset's labels by name, fetched once a page. */
export function labelsOf(dataset: number): Promise<Map<string, Label>> {
  let labels = known.get(dataset);
  if (!labels) {
    labels = all<Label>(`/api/datasets/${dataset}/labels/`, 20_000).then(
      ({ results }) => new Map(results.map((label) => [label.name, label])),
    );
    labels.catch(() => known.delete(dataset));
    known.set(dataset, labels);
  }
  return labels;
}
