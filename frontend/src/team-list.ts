/** <team-list project>: teams and who is in them, and what each member is lent and how much a day. For leads. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { all, call } from "./api";
import { Doing } from "./doing";
import { count, plural } from "./numbers";
import { shared } from "./shared";

/** What a team, or a member, is lent; a member's own goes before their team's. */
interface Lent {
  labels: string[];
  daily_looks: number | null;
}
interface Team extends Lent {
  id: number;
  name: string;
  members: string[];
}
interface Member extends Lent {
  username: string;
  team: string | null;
}

@customElement("team-list")
export class TeamList extends LitElement {
  static override styles = [
    shared,
    css`
      ul { list-style: none; margin: 0 0 10px; padding: 0; } li { border-top: 1px solid var(--line); padding: 6px 0; } summary { cursor: pointer; overflow-wrap: anywhere; } details > ul { margin-top: 8px; }
      form { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px 12px; align-items: end; margin: 8px 0; } label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); min-width: 0; } .wide { grid-column: 1 / -1; } input, select { min-width: 0; width: 100%; }
    `,
  ];

  @property({ type: Number }) project = 0;
  @state() private teams: Team[] | null = null;
  @state() private members: Member[] = [];
  private readonly doing = new Doing(this);

  override connectedCallback(): void {
    super.connectedCallback();
    void this.look().catch((error: Error) => this.doing.say(error.message));
  }

  private async look(): Promise<void> {
    const [teams, members] = await Promise.all([all<Team>(`/api/projects/${this.project}/teams/`), all<Member>(`/api/projects/${this.project}/members/`)]);
    this.members = members.results;
    this.teams = teams.results;
  }

  private send(event: SubmitEvent, method: string, url: string, more: Record<string, unknown> = {}): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = { ...lentOf(new FormData(form)), ...more };
    void this.doing.act(async () => {
      await call(method, url, given);
      if (method === "POST" && "name" in given) form.reset();
      await this.look();
    }, "Not saved");
  }

  private dissolve(team: Team): void {
    if (!confirm(`Dissolve ${team.name}? Its members stay in the project; campaigns for it are for everybody then.`)) return;
    void this.doing.act(async () => {
      await call("DELETE", `/api/teams/${team.id}/`);
      await this.look();
    }, "Not dissolved");
  }

  override render(): TemplateResult {
    const { teams, members, doing } = this;
    const trouble = doing.trouble ? html`<p class="notice bad small" role="alert">${doing.trouble}</p>` : nothing;
    if (!teams) return html`${trouble || html`<p class="soft small">Fetching the teams…</p>`}`;
    return html`<p class="soft small">Who is in a team is lent its classes, and so many looks a day. What is said of a member goes before. A campaign can be for one team alone.</p>
      ${teams.length ? html`<ul>${teams.map((team) => this.teamLine(team))}</ul>` : html`<p class="small" id="no-teams">No team yet: everybody is lent all classes.</p>`}
      <details id="new-team"><summary class="small">Make a team</summary>
        <form @submit=${(event: SubmitEvent) => this.send(event, "POST", `/api/projects/${this.project}/teams/`)}><label>Name<input name="name" required maxlength="100" autocomplete="off" /></label>${lent({ labels: [], daily_looks: null })}<div><button ?disabled=${doing.busy}>Make it</button></div></form></details>
      <details id="placing"><summary class="small">What each member is lent</summary><ul>${members.map((member) => this.memberLine(member, teams))}</ul></details>${trouble}`;
  }

  private teamLine(team: Team): TemplateResult {
    return html`<li data-team=${team.name}><details><summary>${team.name} <span class="small soft">${plural(team.members.length, "member")}${said(team)}</span></summary>
      <form @submit=${(event: SubmitEvent) => this.send(event, "PATCH", `/api/teams/${team.id}/`)}><label>Name<input name="name" required maxlength="100" .value=${team.name} /></label>${lent(team)}<div><button ?disabled=${this.doing.busy}>Save</button> <button type="button" class="plain" ?disabled=${this.doing.busy} @click=${() => this.dissolve(team)}>Dissolve</button></div></form></details></li>`;
  }

  private memberLine(member: Member, teams: Team[]): TemplateResult {
    return html`<li data-placed=${member.username}><details><summary>${member.username} <span class="small soft">${member.team ?? "no team"}${said(member)}</span></summary>
      <form @submit=${(event: SubmitEvent) => this.send(event, "POST", `/api/projects/${this.project}/members/`, { username: member.username })}><label>Team<select name="team"><option value="">none</option>${teams.map(({ name }) => html`<option value=${name} ?selected=${name === member.team}>${name}</option>`)}</select></label>${lent(member)}<div><button ?disabled=${this.doing.busy}>Save</button></div></form></details></li>`;
  }
}

const lent = ({ labels, daily_looks }: Lent): TemplateResult => html`<label>Looks a day<input name="daily_looks" type="number" min="1" max="1000000" placeholder="as many as they like" .value=${daily_looks === null ? "" : String(daily_looks)} /></label><label class="wide">Classes<input name="labels" autocomplete="off" placeholder="all; names with commas between" .value=${labels.join(", ")} /></label>`;

const said = ({ labels, daily_looks }: Lent): string => `${labels.length ? ` · ${plural(labels.length, "class", "classes")}` : ""}${daily_looks === null ? "" : ` · ${count(daily_looks)} looks a day`}`;

/** What a form says, as it is sent: an empty field takes away what there was. */
function lentOf(given: FormData): Record<string, unknown> {
  const found: Record<string, unknown> = {
    labels: String(given.get("labels") ?? "").split(",").map((name) => name.trim()).filter(Boolean),
    daily_looks: given.get("daily_looks") ? Number(given.get("daily_looks")) : null,
  };
  if (given.has("name")) found["name"] = given.get("name");
  if (given.has("team")) found["team"] = given.get("team") || null;
  return found;
}
