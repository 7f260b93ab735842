/**
 * Reads, judges, mends, explains, builds, converts and compares Apple configuration profiles (`.mobileconfig`) with VPNs.
 *
 * Everything is worked out in WebAssembly on the machine that calls it: no function sends anything anywhere. Objects are
 * those that Adit's command line prints with `--json`, without the name of the file; members are added in later versions,
 * never renamed or removed. No value of a secret key stands in a report: a text, a description ({@link Spec}) and a file of
 * course hold what was put into them.
 *
 * {@link check}, {@link open} and {@link explain} tell whether a signature holds. The platform's `crypto.subtle` checks it,
 * so they answer later; without one (a page loaded over plain HTTP), or for an algorithm that it does not know, the verdict
 * is `not-verified`. What they throw rejects their promise.
 */

// -------------------------------------------------------------------------------------------------------- starting

/** What the module is loaded from. */
export type InitInput = URL | string | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly module; to be awaited once before anything else is called. Later calls do nothing.
 *
 * Without an argument it is fetched from beside this file, which works in pages, in workers and with bundlers that know
 * `new URL(..., import.meta.url)`; otherwise give its address, a response, its bytes, or the compiled module.
 *
 * @throws {AditError} `not-ready`: it cannot be loaded, the message says why; a later call may try again.
 */
export function init(input?: InitInput | Promise<InitInput>): Promise<void>;

/**
 * The same at once, from bytes or a compiled module.
 *
 * @throws {AditError} `not-ready`: it is no module of this package.
 */
export function initSync(module: BufferSource | WebAssembly.Module): void;

/** Why a call gave no result. What is wrong with a profile is never thrown: it stands in the result. */
export class AditError extends Error {
  constructor(kind: AditErrorKind, message: string, path?: string);
  readonly name: 'AditError';
  readonly kind: AditErrorKind;
  /** With `usage`, the option or member it is about; empty for the call as a whole. */
  readonly path: string;
}

/**
 * `usage`: the arguments make no sense, the message says which. `trap`: the module ended the call, by a defect or for want
 * of memory; it was replaced by a fresh one, and the next call works. `not-ready`: {@link init} was not awaited, or failed.
 */
export type AditErrorKind = 'usage' | 'trap' | 'not-ready';

// ---------------------------------------------------------------------------------------------------------- input

/** A file: its bytes, or its text. */
export type Input = Uint8Array | string;

/** What a profile is to be judged for, and how. Everything may be left out. */
export interface CheckOptions {
  /**
   * Systems it is meant for, such as `ios-26.1` or `macos-15`; behind it `+supervised` and `+user-enrollment` where the device
   * is that.
   */
  targets?: string[];
  /** The time that certificates and dates are judged at, as RFC 3339 in UTC (`Date.prototype.toISOString` gives it). */
  at?: string;
  /** Only these rules or families, such as `sa` or `sa.weak-dh`. */
  select?: string[];
  /** Not these. */
  ignore?: string[];
  /** The file is a template: variables stand in it, and are no mistakes. */
  template?: boolean;
  /** Values for a template's variables, by name; places in the report then count in {@link Variables.text}. */
  set?: Record<string, string>;
  /** The password of PKCS#12 files that the profile has none for. */
  password?: string;
  /** With a text as input: the encoding that the file has, as {@link Format} tells it. Else what the text declares. */
  encoding?: Encoding;
}

// ------------------------------------------------------------------------------------------------------ containers

/** How a file is wrapped. */
export type Format = XmlFormat | BinaryFormat | CmsFormat | CertificateFormat | Pkcs12Format | UnknownFormat;

/** An XML property list. */
export interface XmlFormat {
  kind: 'xml';
  encoding: Encoding;
}

/** A binary property list. */
export interface BinaryFormat {
  kind: 'binary';
}

/** CMS (RFC 5652) around a profile. */
export interface CmsFormat {
  kind: 'cms';
  /** Definite lengths, an indefinite length, or Base64 between lines of PEM. */
  wrapping: CmsWrapping;
  /** False: signed data. True: enveloped, that is encrypted, data. */
  enveloped: boolean;
  /** What is inside; null when it cannot be opened. */
  content: ContentFormat | null;
}

/** How CMS is written. */
export type CmsWrapping = 'der' | 'ber' | 'pem';

/** A property list inside CMS. */
export type ContentFormat = XmlFormat | BinaryFormat;

/** A certificate: no profile. */
export interface CertificateFormat {
  kind: 'certificate';
  pem: boolean;
}

/** A PKCS#12 file: no profile. */
export interface Pkcs12Format {
  kind: 'pkcs12';
}

/** Nothing that is known. */
export interface UnknownFormat {
  kind: 'unknown';
}

/** How a text is encoded. */
export type Encoding = Utf8 | Utf16 | Utf32 | OtherEncoding;

/** UTF-8, with or without a byte order mark. */
export interface Utf8 {
  name: 'utf8';
  bom: boolean;
}

/** UTF-16. */
export interface Utf16 {
  name: 'utf16';
  big_endian: boolean;
  bom: boolean;
}

/** UTF-32, always with a byte order mark. */
export interface Utf32 {
  name: 'utf32';
  big_endian: boolean;
}

/** An encoding of the ASCII family, by declaration; `unsupported`: a name that nobody knows, taken as UTF-8. */
export interface OtherEncoding {
  name: OtherEncodingName;
}

/** See {@link OtherEncoding}. */
export type OtherEncodingName = 'latin1' | 'windows1252' | 'plain-ascii' | 'unsupported';

// -------------------------------------------------------------------------------------------------------- judging

/** Judges a file, as `adit validate --format json` does. */
export function check(input: Input, options?: CheckOptions): Promise<CheckReport>;

/** What was found in one file. */
export interface CheckReport {
  format: Format;
  verdict: Verdict;
  /** Ordered by place. */
  diagnostics: Diagnostic[];
  /** How many more there were than a report lists. */
  suppressed: number;
  /** How many a comment in the file silenced. */
  ignored_by_comment: number;
  /** Always 0 here; the command line's baselines know some. */
  known_to_baseline: number;
  /** Only with {@link CheckOptions.targets}: the verdict for each, in their order. */
  per_target?: TargetVerdict[];
  /** Only with {@link CheckOptions.set}. */
  variables?: Variables;
  /** Only with {@link CheckOptions.password}: the key paths of the PKCS#12 files that do not say theirs and that it does not open. */
  locked?: string[];
  /** The same of those that give no identity for another reason than a wrong password, as far as it can be told: a diagnostic says why. */
  unopened?: string[];
}

/** `accepted`: no error was found. `refused`: one was. `not-read`: encrypted, or no profile at all. */
export type Verdict = 'accepted' | 'refused' | 'not-read';

/** What becomes of a profile on one system. */
export interface TargetVerdict {
  target: Target;
  /** It takes the profile. */
  installs: boolean;
  /** The VPN can come up; null when there is none. */
  connects: boolean | null;
  /** The key paths that it ignores. */
  ignored: string[];
  /** What concerns it: places in {@link CheckReport.diagnostics}, whose words are for all targets together. */
  concerns: number[];
}

/** A system. */
export interface Target {
  platform: Platform;
  version: string;
  supervised: boolean;
  user_enrollment: boolean;
}

/** A platform that takes profiles. */
export type Platform = 'ios' | 'macos' | 'tvos' | 'watchos' | 'visionos';

/** What became of a template's variables. */
export interface Variables {
  /** Those that got no value. */
  unset: string[];
  /** Values that no variable asked for. */
  unused: string[];
  /** The text with the values in it. */
  text: string;
}

/** Something to say about a profile. */
export interface Diagnostic {
  /** The rule, such as `sa.weak-dh`; rule-pages.json has its page. */
  code: string;
  severity: Severity;
  /** What is wrong. */
  message: string;
  /** What to do about it. */
  help: string;
  /** The key path, such as `PayloadContent[1].IKEv2.RemoteAddress`; empty for the file as a whole. */
  path: string;
  location: Location;
  /** Other places worth a look. */
  related: Related[];
  /** Ways to mend it, the best first. */
  fixes: Fix[];
  /** Where the rule comes from. */
  source: string;
}

/** `error`: the system refuses the profile, or the connection cannot work. `warning`: most likely not what was meant. */
export type Severity = 'error' | 'warning' | 'notice';

/** A place: with lines in a text, with bytes alone in a binary file. */
export type Location = TextLocation | BinaryLocation;

/** A place in a text. Lines and columns count from 1, everything else from 0; ends are one past the last. */
export interface TextLocation {
  /** Bytes of the file; in a signed one, of the profile inside. */
  byte_start: number;
  byte_end: number;
  line: number;
  /** In characters, as are lines' ends. */
  column: number;
  end_line: number;
  end_column: number;
  /** UTF-16 units of the text, which is what JavaScript's strings and editors count in. */
  utf16_start: number;
  utf16_end: number;
  /** Columns in UTF-16 units. */
  utf16_column: number;
  utf16_end_column: number;
}

/** A place in a binary file. */
export interface BinaryLocation {
  byte_start: number;
  byte_end: number;
  line?: never;
  column?: never;
  end_line?: never;
  end_column?: never;
  utf16_start?: never;
  utf16_end?: never;
  utf16_column?: never;
  utf16_end_column?: never;
}

/** A second place that explains the first. */
export interface Related {
  message: string;
  location: Location;
}

/** A way to mend something. */
export interface Fix {
  /** What it does, as an order. */
  title: string;
  safety: Safety;
  /** Applied together; null where the file is binary, or the edits would show a secret. {@link fix} applies those too. */
  edits: Edit[] | null;
}

/** `safe`: keeps the meaning. `unsafe`: changes what the profile does. `display-only`: a person has to fill something in. */
export type Safety = 'safe' | 'unsafe' | 'display-only';

/** New text for a range of the old. */
export interface Edit {
  byte_start: number;
  byte_end: number;
  text: string;
  utf16_start: number;
  utf16_end: number;
}

// -------------------------------------------------------------------------------------------- showing and mending

/** Opens a file for showing and editing: as XML, whatever it is wrapped in. */
export function open(input: Input, options?: OpenOptions): Promise<Opened>;

/** See {@link open}. */
export interface OpenOptions {
  template?: boolean;
  encoding?: Encoding;
}

/** A file that was opened. */
export interface Opened {
  format: Format;
  /** Who signed it; null for a file that is not CMS, or cannot be read as such. */
  signature: Signature | null;
  /** The profile as XML with its secrets, without byte order mark; null when there is none to show. */
  text: string | null;
  /** The text is the file's own, not one written from a binary list. */
  exact: boolean;
  /** Why there is no text. */
  problem: string | null;
}

/** The signature of a profile; whether a device trusts the signer is not said. */
export interface Signature {
  /** There is a signer, and every signature holds. */
  verified: boolean;
  wrapping: CmsWrapping;
  signers: Signer[];
  certificates: Certificate[];
}

/** One signer. */
export interface Signer {
  name: string;
  /** The place of its certificate in {@link Signature.certificates}. */
  certificate: number | null;
  verification: Verification;
  /** The same in words. */
  reason: string;
  digest: string;
  algorithm: string;
  /** When it says it signed. */
  signing_time: string | null;
}

/** Whether a signature holds. */
export type Verification =
  | 'verified'
  | 'digest-mismatch'
  | 'signature-mismatch'
  | 'attributes-invalid'
  | 'not-verified'
  | 'certificate-missing';

/** A certificate in a signed file. */
export type Certificate = ReadableCertificate | UnreadableCertificate;

/** A certificate that was read. */
export interface ReadableCertificate {
  subject: string;
  issuer: string;
  /** In hexadecimal. */
  serial: string;
  not_before: string | null;
  not_after: string | null;
  /** Such as `RSA-2048` or `P-256`. */
  key: string;
  ca: boolean;
  error?: never;
}

/** A certificate that cannot be read. */
export interface UnreadableCertificate {
  error: string;
  subject?: never;
  issuer?: never;
  serial?: never;
  not_before?: never;
  not_after?: never;
  key?: never;
  ca?: never;
}

/**
 * A text as a file again: `xml` in the encoding given, or else declared; `binary` as a binary property list.
 *
 * @throws {AditError} `usage`: the text is no sound property list, which `binary` needs.
 */
export function encode(text: string, form: 'xml' | 'binary', options?: EncodeOptions): Uint8Array;

/** See {@link encode}. */
export interface EncodeOptions {
  encoding?: Encoding;
}

/** Mends a file, as `adit validate --fix` does: every fix that is safe enough, until none is left. */
export function fix(input: Input, options?: FixOptions): FixReport;

/** See {@link fix}. */
export interface FixOptions extends CheckOptions {
  /** `unsafe` applies unsafe fixes too; `safe` if nothing is said. */
  safety?: 'safe' | 'unsafe';
  /** This fix and no other, whatever its safety. Those that are `display-only` cannot be applied. */
  one?: ChosenFix;
}

/** One fix of a report. The report has to be of the same input and options. */
export interface ChosenFix {
  /** {@link Diagnostic.code} and {@link Diagnostic.path} of what it mends. */
  code: string;
  path: string;
  /** Which of the diagnostics with both, from 0, which it is if nothing is said. */
  number?: number;
  /** Its place in {@link Diagnostic.fixes}, from 0, which it is if nothing is said. */
  fix?: number;
}

/** What was mended. */
export interface FixReport {
  /** What was applied, in order. */
  applied: AppliedFix[];
  changed: boolean;
  /** The file was signed, and what was mended is there without the signature. */
  signature_lost: boolean;
  /** The mended file as text; null for a binary one. */
  text: string | null;
  /** The mended file; of a signed one the profile inside. */
  bytes: Uint8Array;
}

/** A fix that was applied. */
export interface AppliedFix {
  code: string;
  path: string;
  title: string;
}

// ----------------------------------------------------------------------------------------------------- explaining

/** What a profile does, in plain words and as data, as `adit explain --json` has it. */
export function explain(input: Input, options?: ExplainOptions): Promise<ExplainReport>;

/** See {@link explain}. */
export interface ExplainOptions extends CheckOptions {
  /** One VPN alone: its place in `PayloadContent`, or its UUID. */
  payload?: number | string;
}

/** What the VPNs of a profile do. */
export interface ExplainReport {
  version: 1;
  schema_release: string;
  targets: Target[];
  vpns: Explanation[];
  /** Why there is nothing to explain: no profile, or no VPN in it. */
  problem?: string;
  /** It is no profile: {@link check} says why. */
  not_read?: true;
}

/** What one VPN does. */
export interface Explanation {
  /** Its place in `PayloadContent`. */
  payload: number;
  name: string | null;
  /** `VPNType`, where it is one that systems know. */
  kind: VpnType | null;
  /** The subjects, in the order of reading. */
  parts: ExplanationPart[];
  /** Of each IKEv2 tunnel: one, or several for Always On. */
  proposals: Proposals[];
  picture: Picture;
  /** Null where they cannot be read. */
  on_demand: OnDemandRules | null;
  /** What the rules find weak or wrong, errors first. */
  findings: Finding[];
}

/** `VPNType`. */
export type VpnType = 'IKEv2' | 'IPSec' | 'L2TP' | 'PPTP' | 'VPN' | 'AlwaysOn' | 'TransparentProxy';

/** One subject of an explanation. */
export interface ExplanationPart {
  title: string;
  /** Plain sentences. */
  lines: string[];
}

/** A finding of the rules, shortened. */
export interface Finding {
  code: string;
  severity: 'error' | 'warning';
  message: string;
  path: string;
}

/** What a tunnel offers, best first. */
export interface Proposals {
  /** For the IKE SA. */
  ike: Proposal[];
  /** For Child SAs. */
  child: Proposal[];
  /** The profile names none: the list that Apple's client was observed to send. */
  observed: boolean;
}

/** One proposal: every transform in it must be taken. */
export interface Proposal {
  transforms: Transform[];
}

/** A transform (RFC 7296 section 3.3.2). */
export interface Transform {
  /** 1 encryption, 2 PRF, 3 integrity, 4 key exchange, 5 extended sequence numbers, 6 to 12 additional key exchanges. */
  type: number;
  /** As in IANA's registry. */
  id: number;
  key_bits: number | null;
  name: string;
}

/** A VPN as it is drawn. */
export interface Picture {
  /** One, or one for each tunnel of Always On. */
  connections: Connection[];
  /** The app whose extension makes the connection. */
  app: string | null;
  inside: Inside;
  /** The names that {@link inside} is about. */
  domains: string[];
  /** What stays outside though the tunnel is up, in words. */
  outside: string[];
  /** While the tunnel is down nothing leaves the device. */
  blocks_when_down: boolean;
}

/** A connection to a server. */
export interface Connection {
  protocol: Protocol;
  server: string | null;
  /** The interfaces it is for; empty for all. */
  interfaces: string[];
  device: Side;
  remote: Side;
}

/** What both sides speak. */
export type Protocol = 'ikev2' | 'ikev1' | 'l2tp' | 'app' | 'unknown';

/** One side of a connection. */
export interface Side {
  /** Who it says it is. */
  identity: string | null;
  /** How it proves that, in order; empty where the profile does not say. */
  proofs: Proof[];
}

/** How somebody proves who they are. */
export type Proof = 'shared-secret' | 'certificate' | 'eap' | 'eap-tls' | 'xauth' | 'password' | 'pin' | 'ppk';

/** Which traffic takes the tunnel. */
export type Inside = 'everything' | 'routes' | 'apps' | 'app-decides';

/** On-demand rules, as data. */
export interface OnDemandRules {
  enabled: boolean;
  user_override_disabled: boolean;
  rules: OnDemandRule[];
  /** The lists of before iOS 7. */
  lists: DomainLists;
}

/** The `OnDemandMatchDomains` lists. */
export interface DomainLists {
  always: string[];
  never: string[];
  on_retry: string[];
}

/** One rule; a condition that is missing holds everywhere. */
export interface OnDemandRule {
  action: OnDemandAction;
  interface?: MatchedInterface;
  ssids?: string[];
  search_domains?: string[];
  dns_servers?: string[];
  probe_url?: string;
}

/** What a rule does. */
export type OnDemandAction = SimpleAction | EvaluateAction;

/** What a rule does, whatever is connected to. */
export type SimpleAction = 'Allow' | 'Connect' | 'Disconnect' | 'Ignore';

/** Each connection is looked at by itself. */
export interface EvaluateAction {
  EvaluateConnection: ConnectionRule[];
}

/** What is done for the hosts of some domains. */
export interface ConnectionRule {
  domains: string[];
  action: DomainAction;
  dns_servers: string[];
  probe_url?: string;
}

/** `ConnectIfNeeded`: start the tunnel when the host cannot be reached without. */
export type DomainAction = 'ConnectIfNeeded' | 'NeverConnect';

/** Kinds of interface that a rule can ask for. */
export type MatchedInterface = 'Ethernet' | 'WiFi' | 'Cellular';

// ------------------------------------------------------------------------------------------------------ on demand

/** What the on-demand rules of a VPN make of a network, as `adit ondemand --json` has it. */
export function evaluateOnDemand(input: Input, question: OnDemandQuestion): OnDemandReport;

/** See {@link evaluateOnDemand}. */
export interface OnDemandQuestion extends TemplateOptions {
  /** Which VPN: its place in `PayloadContent`, or its UUID; needed where there are several. */
  payload?: number | string;
  /** What is known of the network; a fact that is missing and on which the decision hangs is named in the answer. */
  network: Partial<Network>;
  /** `personal-vpn` compares as `NEOnDemandRule` does. */
  mode?: OnDemandMode;
}

/** Whose documentation the match keys follow. */
export type OnDemandMode = 'profile' | 'personal-vpn';

/** A network, and a connection that is about to be opened on it; null is what nobody knows. */
export interface Network {
  interface: NetworkInterface;
  ssid: string | null;
  search_domains: string[];
  dns_servers: string[];
  /** What came back from each probed URL, spelled as in the rules. */
  probes: Record<string, ProbeResult>;
  /** The host that an app wants to reach. */
  host: string | null;
  host_resolves: boolean | null;
  /** Whether the servers of `RequiredDNSServers` answer. */
  required_dns: RequiredDns | null;
  tunnel: TunnelState;
  /** The user turned Connect On Demand off. */
  user_override: boolean;
}

/** The primary interface. */
export type NetworkInterface = 'Ethernet' | 'WiFi' | 'Cellular' | 'Other';

/** `ok`: status 200, without a redirect. */
export type ProbeResult = 'ok' | 'failed';

/** See {@link Network.required_dns}. */
export type RequiredDns = 'answer' | 'silent';

/** The state of the tunnel. */
export type TunnelState = 'down' | 'up';

/** What the rules make of a network, or why that cannot be said. */
export type OnDemandReport = OnDemandAnswer | OnDemandRefusal;

/** An answer. */
export interface OnDemandAnswer {
  version: 1;
  payload: AskedPayload;
  mode: OnDemandMode;
  /** How many rules there are. */
  rules: number;
  network: Network;
  decision: Decision;
  warnings: OnDemandProblem[];
  errors?: never;
}

/** The profile keeps it from being decided. */
export interface OnDemandRefusal {
  version: 1;
  decision: null;
  errors: OnDemandProblem[];
  payload?: never;
  mode?: never;
  rules?: never;
  network?: never;
  warnings?: never;
}

/** Which VPN was asked about. */
export interface AskedPayload {
  index: number;
  uuid: string | null;
  name: string | null;
  vpn_type: string;
}

/** What is wrong with rules. */
export interface OnDemandProblem {
  code: string;
  severity: 'error' | 'warning';
  path: string;
  message: string;
  help: string | null;
  byte_start: number;
  byte_end: number;
}

/** A decision, and why. */
export interface Decision {
  outcome: Outcome;
  /** What becomes of the tunnel, given its present state. */
  change: TunnelChange;
  /** The rule that decides, from 0. */
  rule: number | null;
  /** In one or two sentences. */
  summary: string;
  trace: RuleTrace[];
  /** How many more rules there are than the trace names. */
  untraced: number;
  /** What was looked at for the host. */
  hosts: HostTrace[];
}

/** What becomes of the tunnel. */
export type TunnelChange = 'start' | 'stop' | 'none' | 'unknown';

/** What is decided. */
export type Outcome = OffOutcome | PlainOutcome | EvaluateOutcome | NeedsOutcome;

/** On demand does nothing. */
export interface OffOutcome {
  kind: 'off';
  reason: OffReason;
}

/** Why on demand does nothing. */
export type OffReason = 'not-enabled' | 'user-override' | 'no-rules';

/** The rule says it all. */
export interface PlainOutcome {
  kind: PlainOutcomeKind;
}

/** See {@link PlainOutcome}. */
export type PlainOutcomeKind = 'connect' | 'disconnect' | 'ignore' | 'nothing-matched';

/** Each connection is looked at by itself. */
export interface EvaluateOutcome {
  kind: 'evaluate';
  by: EvaluatedBy;
  verdict: HostVerdict;
}

/** What decides for a host. */
export type EvaluatedBy = 'action-parameters' | 'domain-lists';

/** It hangs on a fact that is not known. */
export interface NeedsOutcome {
  kind: 'needs';
  need: Need;
}

/** What is decided for a host. */
export type HostVerdict = ConnectVerdict | ListedVerdict | UnlistedVerdict | NeedsOutcome;

/** The connection starts the tunnel. */
export interface ConnectVerdict {
  kind: 'connect';
  /** The entry that lists the host. */
  domain: string;
  reason: ConnectReason;
}

/** Why a connection starts the tunnel. */
export type ConnectReason = 'dns-servers-silent' | 'name-not-resolved' | 'probe-failed';

/** The host is listed, and the tunnel is not started. */
export interface ListedVerdict {
  kind: ListedVerdictKind;
  domain: string;
}

/** See {@link ListedVerdict}. */
export type ListedVerdictKind = 'not-needed' | 'never-connect';

/** No entry lists the host, or there is none. */
export interface UnlistedVerdict {
  kind: UnlistedVerdictKind;
}

/** See {@link UnlistedVerdict}. */
export type UnlistedVerdictKind = 'no-domain-matched' | 'no-host';

/** A fact that must be found out first. */
export type Need = ProbeNeed | RequiredDnsNeed | ResolutionNeed;

/** What comes back from a URL ({@link Network.probes}). */
export interface ProbeNeed {
  kind: 'probe';
  url: string;
}

/** Whether DNS servers answer ({@link Network.required_dns}). */
export interface RequiredDnsNeed {
  kind: 'required-dns';
  servers: string[];
}

/** Whether a name resolves ({@link Network.host_resolves}). */
export interface ResolutionNeed {
  kind: 'resolution';
  host: string;
}

/** Bytes of the file. */
export interface Span {
  start: number;
  end: number;
}

/** What one rule said. */
export interface RuleTrace {
  index: number;
  action: RuleAction;
  verdict: RuleVerdict;
  keys: KeyTrace[];
  path: string;
  span: Span;
}

/** The action of a rule, as a profile spells it. */
export type RuleAction = 'Allow' | 'Connect' | 'Disconnect' | 'EvaluateConnection' | 'Ignore';

/** Whether a rule matches. */
export type RuleVerdict = 'matched' | 'not-matched' | 'needs-probe' | 'not-reached';

/** What one match key of a rule said. */
export interface KeyTrace {
  key: MatchKey;
  held: Held;
  why: string;
  span: Span | null;
}

/** The match keys of a rule. */
export type MatchKey =
  | 'InterfaceTypeMatch'
  | 'SSIDMatch'
  | 'DNSDomainMatch'
  | 'DNSServerAddressMatch'
  | 'URLStringProbe';

/** Whether a match key holds. */
export type Held = 'yes' | 'no' | 'unknown' | 'not-asked';

/** What was looked at for a host. */
export interface HostTrace {
  part: RulePart;
  /** The entry that lists the host. */
  domain: string | null;
  why: string;
  span: Span;
}

/** A part of the rules that lists hosts. */
export type RulePart = ActionParameterPart | ListPart;

/** An element of `ActionParameters`. */
export interface ActionParameterPart {
  kind: 'action-parameter';
  index: number;
  action: DomainAction;
}

/** One of the lists of before iOS 7. */
export interface ListPart {
  kind: ListName;
}

/** See {@link ListPart}. */
export type ListName = 'never' | 'always' | 'on-retry';

// ------------------------------------------------------------------------------------------------------ converting

/** VPNs of a profile as declarations of 27.0, as `adit convert --to declarations --json` has it. */
export function convert(input: Input, options: ToDeclarations): DeclarationsReport | Problem;
/** Declarations (JSON) as a profile. */
export function convert(input: Input, options: ToProfile): ProfileReport | Problem;
/** VPNs of a profile as properties of the NetworkExtension API. */
export function convert(input: Input, options: ToApi): ApiReport | Problem;
export function convert(input: Input, options: ConvertOptions): ConvertReport | Problem;

/** The input is nothing that the question could be asked of. */
export interface Problem {
  /** Why. */
  error: string;
  /** It is no profile, or one too broken for the question: {@link check} says why. */
  not_read?: true;
}

/** See {@link convert}. */
export type ConvertOptions = ToDeclarations | ToProfile | ToApi;

/** See {@link convert}. */
export interface ToDeclarations extends TemplateOptions {
  to: 'declarations';
  /** One VPN alone: its place in `PayloadContent`, or its UUID. */
  payload?: number | string;
  /** Write a secret that a declaration holds itself (the PPK) instead of a placeholder. */
  unmask?: boolean;
}

/** See {@link convert}. */
export interface ToProfile extends TemplateOptions {
  to: 'profile';
}

/** See {@link convert}. */
export interface ToApi extends TemplateOptions {
  to: 'api';
  payload?: number | string;
}

/** What is told of a template. */
export interface TemplateOptions {
  /** The file is a template: its variables stay where they stand as text. */
  template?: boolean;
  /** Values for its variables, by name. */
  set?: Record<string, string>;
}

/** What a conversion gave. */
export type ConvertReport = DeclarationsReport | ProfileReport | ApiReport;

/** Declarations. */
export interface DeclarationsReport {
  version: 1;
  declarations: Declaration[];
  /** The assets to make. */
  assets: Asset[];
  lost: Lost[];
  refused: Refusal[];
  error?: never;
}

/** A declaration of 27.0, without the management server's `ServerToken`. */
export interface Declaration {
  Type: DeclarationType;
  Identifier: string;
  Payload: JsonObject;
}

/** `Type` of a VPN declaration. */
export type DeclarationType =
  | 'com.apple.configuration.network.vpn.ikev2'
  | 'com.apple.configuration.network.vpn.ipsec'
  | 'com.apple.configuration.network.vpn.vpn-plugin'
  | 'com.apple.configuration.network.vpn.always-on';

/** An asset that a declaration refers to. */
export interface Asset {
  reference: string;
  /** Several where any would do. */
  types: AssetType[];
  /** What it holds, in words. */
  holds: string;
  user_name?: string;
  /** Where the profile has it. */
  profile: string[];
  /** Where declarations refer to it. */
  declaration: string[];
}

/** `Type` of an asset's declaration. */
export type AssetType =
  | 'com.apple.asset.credential.userpassword'
  | 'com.apple.asset.credential.identity'
  | 'com.apple.asset.credential.acme'
  | 'com.apple.asset.credential.scep';

/** What a conversion cannot carry, or carries with another meaning. */
export interface Lost {
  path: string;
  reason: string;
}

/** A VPN that cannot be converted. */
export interface Refusal {
  /** Its place in `PayloadContent`. */
  payload: number;
  name: string | null;
  reason: string;
}

/** A profile from declarations. */
export interface ProfileReport {
  version: 1;
  /** The profile as XML. */
  profile: string;
  /** What to put in from assets. */
  assets: Asset[];
  lost: Lost[];
  refused: Refusal[];
  error?: never;
}

/** The properties of the NetworkExtension API. */
export interface ApiReport {
  version: 1;
  vpns: ApiSettings[];
  refused: Refusal[];
  error?: never;
}

/** The settings of one VPN. */
export interface ApiSettings {
  /** Its place in `PayloadContent`. */
  payload: number;
  name: string | null;
  /** The `NEVPNManager` with all that belongs to it. */
  settings: ApiObject;
  /** What the app stores in the keychain. */
  keychain: KeychainItem[];
  lost: Lost[];
}

/** An object of the API. */
export interface ApiObject {
  class: string;
  properties: Record<string, ApiValue>;
}

/** A property's value. */
export type ApiValue = string | number | boolean | ApiValue[] | ApiObject | ApiCase | ApiKeychain;

/** A case of an enumeration, with its Swift name. */
export interface ApiCase {
  enum: string;
  case: string;
  rawValue: number;
}

/** The persistent reference of a keychain item ({@link KeychainItem.name}). */
export interface ApiKeychain {
  keychain: string;
}

/** What the app stores in the keychain. */
export interface KeychainItem {
  name: string;
  class: string;
  /** What it holds, in words. */
  holds: string;
  path: string;
  property: string;
}

/** Any value that JSON has but null. */
export type JsonValue = string | number | boolean | JsonValue[] | JsonObject;

/** An object of such values. */
export interface JsonObject {
  [key: string]: JsonValue;
}

// ------------------------------------------------------------------------------------------------------- comparing

/** Two profiles compared by what they mean, as `adit diff --json` does. */
export function diff(before: Input, after: Input, options?: DiffOptions): DiffReport | DiffProblem;

/** See {@link diff}. */
export interface DiffOptions {
  /** Changes of UUIDs and identifiers alone make no difference. */
  ignore_identity?: boolean;
}

/** One of the two cannot be compared. */
export interface DiffProblem {
  error: string;
  side: 'before' | 'after';
}

/** What differs. */
export interface DiffReport {
  version: 1;
  same: boolean;
  changes: Change[];
  /** What is written differently and means the same, in words. */
  notes: string[];
  error?: never;
  side?: never;
}

/** A difference. */
export interface Change {
  kind: ChangeKind;
  /** A UUID or an identifier: which profile it is, not what it does. */
  identity: boolean;
  /** The value is secret, and not shown. */
  secret: boolean;
  before_path: string | null;
  after_path: string | null;
  before: JsonValue | null;
  after: JsonValue | null;
}

/** How a value differs. */
export type ChangeKind = 'added' | 'removed' | 'changed';

/** Whether a strongSwan server would agree with a profile, as `adit explain --server --json` does. */
export function compareWithServer(input: Input, swanctl: string, options?: CompareOptions): ComparisonReport | Problem;

/** See {@link compareWithServer}. */
export interface CompareOptions extends TemplateOptions {
  /** Which VPN: its place in `PayloadContent`, or its UUID; needed where there are several. */
  payload?: number | string;
  /** One connection of the server alone. */
  connection?: string;
  /** Systems; defaults are those of the first. */
  targets?: string[];
}

/** A comparison with a server's configuration. */
export interface ComparisonReport {
  version: 1;
  /** The place of the VPN in `PayloadContent`. */
  payload: number;
  /** At least one connection agrees. */
  agree: boolean;
  /** The one that fits best first. */
  connections: ConnectionVerdict[];
  error?: never;
}

/** The comparison with one connection. */
export interface ConnectionVerdict {
  connection: string;
  /** Where it begins in the file. */
  line: number;
  /** The tunnel comes up, and a rekey of the Child SA succeeds. */
  agree: boolean;
  /** The tunnel comes up. */
  connects: boolean;
  /** What the server chooses for the IKE SA. */
  ike: Chosen | null;
  /** For the Child SA, in IKE_AUTH. */
  child: Chosen | null;
  /** When the Child SA is rekeyed. */
  rekey: Chosen | null;
  child_name: string | null;
  /** How each side proves itself, in words. */
  authentication: string[];
  /** What differs, most severe first. */
  differences: Difference[];
  /** What neither file says. */
  unknown: string[];
}

/** A proposal that the server chooses. */
export interface Chosen {
  /** The profile's proposal, from 1. */
  number: number;
  proposal: Proposal;
  text: string;
  /** The server's proposal, as it is written. */
  server: string;
}

/** Something that differs, and how to mend it on either side. */
export interface Difference {
  weight: Weight;
  message: string;
  profile_key: string | null;
  profile_fix: string | null;
  server_line: number;
  server_fix: string | null;
}

/** `fails`: the tunnel does not come up. `rekey-fails`: it ends when its Child SA has to be rekeyed. */
export type Weight = 'fails' | 'rekey-fails' | 'note';

// ------------------------------------------------------------------------------------------------------------ lists

/** Every rule, without its page: rule-pages.json has those. */
export function rules(): RuleSummary[];

/** A rule in a list. */
export interface RuleSummary {
  code: string;
  /** What stands before the dot. */
  family: string;
  /** What the family is about. */
  subject: string;
  level: RuleLevel;
  title: string;
}

/** `target`: an error or a warning for a named target. `explain`: only {@link explain} says it. */
export type RuleLevel = 'error' | 'warning' | 'notice' | 'target' | 'explain';

/** The page of a rule: `@adit/profile/rule-pages.json` is a `Record<string, RulePage>`, by code. */
export interface RulePage {
  title: string;
  /** What is looked for. */
  what: string;
  /** Why it matters. */
  why: string;
  /** How to mend it. */
  mend: string;
  /** Where it comes from. */
  source: string;
}

/** What can be built, and for which systems profiles are judged. */
export function schema(): Schema;

/** See {@link schema}. */
export interface Schema {
  /** The release of Apple's schema. */
  release: string;
  platforms: SystemVersions[];
  types: ConnectionType[];
}

/** A platform. */
export interface SystemVersions {
  platform: Platform;
  title: string;
  /** The versions in which something became known, was deprecated or removed, the oldest first. */
  versions: string[];
}

/** A connection type that can be built. */
export interface ConnectionType {
  type: VpnKind;
  title: string;
  vpn_type: 'IKEv2' | 'AlwaysOn' | 'IPSec' | 'VPN';
  /** The apps it is for, the default first. */
  subtypes: SubtypeChoice[];
  fields: Field[];
}

/** An app of a connection type. */
export interface SubtypeChoice {
  name: string;
  identifier: string;
  platforms: string;
  note: string;
}

/** A field of a description. */
export interface Field {
  group: FieldGroup;
  /** The name of its flag on the command line. */
  flag: string;
  /** Where it stands in a {@link Spec}, such as `vpn.ikev2.mtu`. */
  path: string;
  /** The key it writes. */
  writes: string;
  kind: FieldKind;
  /** A value, as it is written behind the flag. */
  example: string;
  help: string;
  required: boolean;
  /** The authentication methods it goes with; empty if with all. */
  methods: string[];
}

/** What belongs together. */
export type FieldGroup =
  | 'profile'
  | 'connection'
  | 'authentication'
  | 'certificates'
  | 'proposals'
  | 'routing'
  | 'exceptions'
  | 'on-demand'
  | 'per-app'
  | 'dns'
  | 'proxies'
  | 'app';

/** What a field holds. */
export type FieldKind = PlainKind | WordKind | WordListKind;

/** A kind without a list of words. */
export type PlainKind =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'text-list'
  | 'secret'
  | 'file'
  | 'files'
  | 'pairs'
  | 'rules'
  | 'services'
  | 'apps'
  | 'mac-apps'
  | 'table';

/** One of these words. */
export interface WordKind {
  word: string[];
}

/** Several of these words, in order. */
export interface WordListKind {
  'word-list': string[];
}

// -------------------------------------------------------------------------------------------------------- building

/**
 * Builds a profile from a description, as `adit new --from` does, and checks it. What is wrong with the description stands
 * in the result.
 */
export function build(spec: Spec | Draft<Spec>, options?: BuildOptions): BuildReport;

/** See {@link build}. */
export interface BuildOptions extends CheckOptions {
  /** What `bytes` are; `xml` if nothing is said. */
  format?: 'xml' | 'binary';
  /** What UUIDs are made from, so that they are the same each time; the profile's name and type if nothing is said. */
  seed?: string;
  /** Codes that do not refuse the profile. */
  allow?: string[];
}

/** What was built, or what is wrong with the description. */
export type BuildReport = BuiltReport | UnbuiltReport;

/** A profile that was built. */
export interface BuiltReport {
  errors: never[];
  /** The profile as XML. */
  text: string;
  /** What {@link check} says of the XML. */
  report: CheckReport;
  /** The codes for which `adit new` would not write it. */
  refused: string[];
  /** The file, in the form that was asked for. */
  bytes: Uint8Array;
}

/** Nothing was built. */
export interface UnbuiltReport {
  errors: SpecProblem[];
  text: null;
  report: null;
  refused: never[];
  bytes: null;
}

/** What is wrong with a description. */
export interface SpecProblem {
  /** The field, such as `vpn.ikev2.server`. */
  path: string;
  message: string;
}

/** The description of an existing profile, so that it opens in a form. */
export function specOf(input: Input, options?: SpecOptions): SpecReport;

/** See {@link specOf}. */
export interface SpecOptions {
  /** Which VPN: its place in `PayloadContent`, or its UUID; the first if nothing is said. */
  payload?: number | string;
}

/** A profile as a description. */
export interface SpecReport {
  /** With the profile's secrets. What the profile lacks is left out, also where a description needs it. */
  spec: Draft<Spec> | null;
  /** What no field holds. */
  lost: Lost[];
  /** Why there is no description. */
  problem?: string;
  /** It is no profile, or a broken one: {@link check} says why. */
  not_read?: true;
}

/** A description that is not complete yet: any member may be missing. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Draft<T[Key]> }
    : T;

/** The names of the connection types. */
export type VpnKind =
  | 'ikev2'
  | 'always-on'
  | 'ipsec'
  | 'cisco-anyconnect'
  | 'juniper-ssl'
  | 'netmotion'
  | 'f5-ssl'
  | 'sonicwall-mobile-connect'
  | 'aruba-via'
  | 'custom-ssl'
  | 'globalprotect';

/** A secret or the contents of a file: text, or bytes in Base64. */
export type Material = string | Base64Material;

/** Bytes. */
export interface Base64Material {
  base64: string;
}

/** A profile with one VPN; docs/new.md describes it. */
export interface Spec {
  profile: ProfileSpec;
  vpn: VpnSpec;
  'on-demand'?: OnDemandSpec;
  /** Makes it a VPN for chosen apps and domains. */
  'per-app'?: PerAppSpec;
  proxies?: ProxiesSpec;
  dns?: DnsSpec;
  /** Keys with certificates, by names that only this description uses. */
  identity?: Record<string, IdentitySpec>;
  /** Certificates to trust. */
  certificates?: CertificateSpec[];
}

/** The top level of the profile. */
export interface ProfileSpec {
  /** The name that Settings shows. */
  name: string;
  'connection-name'?: string;
  identifier?: string;
  uuid?: string;
  'vpn-uuid'?: string;
  organization?: string;
  description?: string;
  scope?: ProfileScope;
  'removal-disallowed'?: boolean;
  'removal-password'?: Material;
  /** As `2027-01-31T12:00:00Z` or `2027-01-31`. */
  'removal-date'?: string;
  /** In seconds. */
  'duration-until-removal'?: number;
  'expiration-date'?: string;
  'target-device-type'?: number;
  /** By language; `default` for all others. */
  consent?: Record<string, string>;
}

/** `PayloadScope`. */
export type ProfileScope = 'System' | 'User';

/** The connection: one member, named after its type. */
export type VpnSpec =
  | Ikev2Vpn
  | AlwaysOnVpn
  | IpsecVpn
  | CiscoAnyconnectVpn
  | JuniperSslVpn
  | NetmotionVpn
  | F5SslVpn
  | SonicwallVpn
  | ArubaViaVpn
  | CustomSslVpn
  | GlobalprotectVpn;

/** The system's IKEv2 client. */
export interface Ikev2Vpn {
  ikev2: Ikev2Spec;
}

/** IKEv2 for all traffic of a supervised iPhone or iPad. */
export interface AlwaysOnVpn {
  'always-on': AlwaysOnSpec;
}

/** The system's IKEv1 client. */
export interface IpsecVpn {
  ipsec: IpsecSpec;
}

/** Cisco AnyConnect. */
export interface CiscoAnyconnectVpn {
  'cisco-anyconnect': CiscoAnyconnectSpec;
}

/** Juniper SSL. */
export interface JuniperSslVpn {
  'juniper-ssl': JuniperSslSpec;
}

/** NetMotion. */
export interface NetmotionVpn {
  netmotion: NetmotionSpec;
}

/** F5 SSL. */
export interface F5SslVpn {
  'f5-ssl': F5SslSpec;
}

/** SonicWALL Mobile Connect. */
export interface SonicwallVpn {
  'sonicwall-mobile-connect': SonicwallSpec;
}

/** Aruba VIA. */
export interface ArubaViaVpn {
  'aruba-via': ArubaViaSpec;
}

/** Any other app. */
export interface CustomSslVpn {
  'custom-ssl': CustomSslSpec;
}

/** Palo Alto Networks GlobalProtect. */
export interface GlobalprotectVpn {
  globalprotect: GlobalprotectSpec;
}

/** Which traffic takes the tunnel; what is left out is the system's to decide. */
export interface RoutingSpec {
  'include-all-networks'?: boolean;
  'enforce-routes'?: boolean;
  'exclude-local-networks'?: boolean;
  'exclude-cellular-services'?: boolean;
  'exclude-apns'?: boolean;
  'exclude-device-communication'?: boolean;
}

/** IKEv2; also one tunnel of Always On. */
export interface Ikev2Spec {
  server: string;
  authentication: Ikev2Authentication;
  'local-identifier'?: string;
  'remote-identifier'?: string;
  'certificate-type'?: CertificateType;
  'server-certificate-issuer'?: string;
  'server-certificate-name'?: string;
  'revocation-check'?: boolean;
  'dead-peer-detection'?: DeadPeerDetection;
  'disable-mobike'?: boolean;
  'disable-redirect'?: boolean;
  'disconnect-on-idle'?: boolean;
  /** In seconds. */
  'idle-timer'?: number;
  pfs?: boolean;
  fallback?: boolean;
  /** In seconds. */
  'nat-keepalive-interval'?: number;
  'nat-keepalive-offload'?: boolean;
  'internal-subnets'?: boolean;
  mtu?: number;
  ppk?: Material;
  'ppk-identifier'?: string;
  'ppk-mandatory'?: boolean;
  'post-quantum-fallback'?: boolean;
  'strict-algorithms'?: boolean;
  ike?: SecurityAssociationSpec;
  child?: SecurityAssociationSpec;
  routing?: RoutingSpec;
  'provider-type'?: ProviderType;
  'provider-bundle-identifier'?: string;
  'provider-requirement'?: string;
  password?: Material;
}

/** `CertificateType`. */
export type CertificateType = 'RSA' | 'ECDSA256' | 'ECDSA384' | 'ECDSA521' | 'RSA-PSS';

/** `DeadPeerDetectionRate`. */
export type DeadPeerDetection = 'None' | 'Low' | 'Medium' | 'High';

/** `AuthenticationMethod` beside EAP. */
export type AuthenticationMethod = 'None' | 'SharedSecret' | 'Certificate';

/** How both sides of IKEv2 authenticate. */
export type Ikev2Authentication = SharedSecretAuthentication | CertificateAuthentication | EapAuthentication | EapTlsAuthentication;

/** A pre-shared key. */
export interface SharedSecretAuthentication {
  method: 'shared-secret';
  secret: Material;
}

/** A certificate. */
export interface CertificateAuthentication {
  method: 'certificate';
  /** The name of an identity; may be left out if there is only one. */
  identity?: string;
}

/** EAP with name and password. */
export interface EapAuthentication {
  method: 'eap';
  name?: string;
  /** When left out, the user is asked. */
  password?: Material;
  'authentication-method'?: AuthenticationMethod;
}

/** EAP-TLS. */
export interface EapTlsAuthentication {
  method: 'eap-tls';
  name?: string;
  identity?: string;
  'tls-minimum'?: string;
  'tls-maximum'?: string;
  'authentication-method'?: AuthenticationMethod;
}

/** One proposal; Apple's schema has a default for each key that is left out. */
export interface SecurityAssociationSpec {
  encryption?: Encryption;
  integrity?: Integrity;
  'diffie-hellman-group'?: number;
  'lifetime-minutes'?: number;
  'post-quantum'?: PostQuantum[];
}

/** `EncryptionAlgorithm`. */
export type Encryption = 'DES' | '3DES' | 'AES-128' | 'AES-256' | 'AES-128-GCM' | 'AES-256-GCM' | 'ChaCha20Poly1305';

/** `IntegrityAlgorithm`. */
export type Integrity = 'SHA1-96' | 'SHA1-160' | 'SHA2-256' | 'SHA2-384' | 'SHA2-512';

/** An additional key exchange (RFC 9370). */
export type PostQuantum = 'none' | 'ML-KEM-768' | 'ML-KEM-1024';

/** Always On: one tunnel for both interfaces, or one for each. */
export interface AlwaysOnSpec {
  tunnel?: Ikev2Spec;
  wifi?: Ikev2Spec;
  cellular?: Ikev2Spec;
  'user-toggle'?: boolean;
  services?: ServiceException[];
  applications?: ApplicationException[];
  'captive-web-sheet'?: boolean;
  'all-captive-plugins'?: boolean;
  'captive-plugins'?: string[];
}

/** What happens to a service of the system. */
export interface ServiceException {
  service: ServiceName;
  action: ServiceAction;
}

/** `ServiceName`. */
export type ServiceName = 'VoiceMail' | 'AirPrint' | 'CellularServices' | 'DeviceCommunication';

/** `Allow`: outside the tunnel. `Drop`: nowhere. */
export type ServiceAction = 'Allow' | 'Drop';

/** An app whose traffic goes outside the tunnel. */
export interface ApplicationException {
  app: string;
  'udp-only'?: boolean;
}

/** IPsec (Cisco), IKEv1. */
export interface IpsecSpec {
  server: string;
  authentication: IpsecAuthentication;
  account?: string;
  password?: Material;
  xauth?: boolean;
  'ask-each-time'?: boolean;
  'override-primary'?: boolean;
  'disconnect-on-idle'?: boolean;
  'idle-timer'?: number;
}

/** How the machine authenticates. */
export type IpsecAuthentication = GroupSecretAuthentication | MachineCertificateAuthentication;

/** A pre-shared key, perhaps of a group. */
export interface GroupSecretAuthentication {
  method: 'shared-secret';
  secret: Material;
  group?: string;
}

/** A certificate of the machine's. */
export interface MachineCertificateAuthentication {
  method: 'certificate';
  identity?: string;
  'ask-pin'?: boolean;
}

/** What the connections of all apps have. */
export interface AppVpnSpec {
  server: string;
  account?: string;
  authentication?: AppAuthentication;
  'provider-bundle-identifier'?: string;
  'provider-requirement'?: string;
  'disconnect-on-idle'?: boolean;
  'idle-timer'?: number;
  routing?: RoutingSpec;
}

/** `ProviderType`. */
export type ProviderType = 'packet-tunnel' | 'app-proxy';

/** How the user of an app authenticates. */
export type AppAuthentication = PasswordAuthentication | CertificateAuthentication | PasswordAndCertificateAuthentication;

/** A password for the account. */
export interface PasswordAuthentication {
  method: 'password';
  password?: Material;
}

/** Both. */
export interface PasswordAndCertificateAuthentication {
  method: 'password-and-certificate';
  password?: Material;
  identity?: string;
}

/** See {@link CiscoAnyconnectVpn}. */
export interface CiscoAnyconnectSpec extends AppVpnSpec {
  group?: string;
  subtype?: string;
  'provider-type'?: ProviderType;
}

/** See {@link JuniperSslVpn}. */
export interface JuniperSslSpec extends AppVpnSpec {
  realm?: string;
  role?: string;
  subtype?: string;
  'provider-type'?: ProviderType;
}

/** See {@link NetmotionVpn}. */
export interface NetmotionSpec extends AppVpnSpec {
  subtype?: string;
}

/** See {@link F5SslVpn}. */
export interface F5SslSpec extends AppVpnSpec {
  subtype?: string;
  'provider-type'?: ProviderType;
}

/** See {@link SonicwallVpn}. */
export interface SonicwallSpec extends AppVpnSpec {
  'login-group-or-domain'?: string;
  subtype?: string;
  'provider-type'?: ProviderType;
}

/** See {@link ArubaViaVpn}. */
export interface ArubaViaSpec extends AppVpnSpec {
  subtype?: string;
  'provider-type'?: ProviderType;
}

/** See {@link CustomSslVpn}. */
export interface CustomSslSpec extends AppVpnSpec {
  /** The app's identifier. */
  identifier: string;
  'custom-data'?: Record<string, Material>;
  'provider-type'?: ProviderType;
  'provider-type-outside'?: boolean;
}

/** See {@link GlobalprotectVpn}. */
export interface GlobalprotectSpec extends AppVpnSpec {
  subtype?: string;
  'custom-data'?: Record<string, Material>;
  'provider-type'?: ProviderType;
}

/** When the connection comes up by itself. */
export interface OnDemandSpec {
  enabled?: boolean;
  'no-user-override'?: boolean;
  /** The first that matches the network counts. */
  rules?: OnDemandRuleSpec[];
}

/** One rule; without a condition it matches every network. */
export interface OnDemandRuleSpec {
  action: OnDemandRuleAction;
  interface?: MatchedInterface;
  ssid?: string[];
  'dns-domain'?: string[];
  'dns-server'?: string[];
  'url-probe'?: string;
  connections?: EvaluationSpec[];
}

/** What a rule does. */
export type OnDemandRuleAction = 'connect' | 'disconnect' | 'ignore' | 'evaluate-connection' | 'allow';

/** What decides for each connection. */
export interface EvaluationSpec {
  domains: string[];
  action: EvaluationAction;
  'dns-servers'?: string[];
  'url-probe'?: string;
}

/** `DomainAction`. */
export type EvaluationAction = 'connect-if-needed' | 'never-connect';

/** What the per-app payload adds. */
export interface PerAppSpec {
  uuid?: string;
  'match-app'?: boolean;
  'cellular-slice'?: CellularSlice;
  'safari-domains'?: string[];
  'mail-domains'?: string[];
  'calendar-domains'?: string[];
  'contacts-domains'?: string[];
  'associated-domains'?: string[];
  'excluded-domains'?: string[];
  'smb-domains'?: string[];
  'mac-apps'?: MacApp[];
}

/** A slice of a 5G network. */
export type CellularSlice = DnnSlice | AppCategorySlice;

/** By its data network name. */
export interface DnnSlice {
  dnn: string;
}

/** By the category of apps it is for. */
export interface AppCategorySlice {
  'app-category': string;
}

/** An app of a Mac. */
export interface MacApp {
  identifier: string;
  requirement: string;
  'signing-identifier'?: string;
  path?: string;
}

/** Proxies behind the tunnel. */
export interface ProxiesSpec {
  manual?: HttpProxy;
  http?: HttpProxy;
  https?: HttpsProxy;
  'auto-config-url'?: string;
  'auto-discovery'?: boolean;
  'match-domains'?: string[];
}

/** A proxy for HTTP. */
export interface HttpProxy {
  server: string;
  port?: number;
  username?: string;
  password?: Material;
}

/** A proxy for HTTPS. */
export interface HttpsProxy {
  server: string;
  port?: number;
}

/** Name servers behind the tunnel. */
export interface DnsSpec {
  protocol?: DnsProtocol;
  servers?: string[];
  'server-url'?: string;
  'server-name'?: string;
  'search-domains'?: string[];
  domain?: string;
  'match-domains'?: string[];
  'match-domains-no-search'?: boolean;
  identity?: string;
}

/** `DNSProtocol`. */
export type DnsProtocol = 'Cleartext' | 'HTTPS' | 'TLS';

/** Where a key with its certificate comes from. */
export type IdentitySpec = Pkcs12Identity | ScepIdentity | AcmeIdentity;

/** A file in the profile. */
export interface Pkcs12Identity {
  pkcs12: Pkcs12Spec;
}

/** A SCEP server. */
export interface ScepIdentity {
  scep: ScepSpec;
}

/** An ACME server. */
export interface AcmeIdentity {
  acme: AcmeSpec;
}

/** A PKCS#12 file. */
export interface Pkcs12Spec {
  content: Material;
  /** When left out, the user is asked when the profile is installed. */
  password?: Material;
  'file-name'?: string;
  'all-apps-access'?: boolean;
  'key-is-extractable'?: boolean;
}

/** A certificate by SCEP. */
export interface ScepSpec {
  url: string;
  name?: string;
  /** As `CN=alice, O=Example`. */
  subject?: string;
  challenge?: Material;
  'key-size'?: number;
  'key-usage'?: number;
  /** In hexadecimal. */
  'ca-fingerprint'?: string;
  retries?: number;
  'retry-delay'?: number;
  'alternative-names'?: AlternativeNames;
  'key-is-extractable'?: boolean;
  'all-apps-access'?: boolean;
}

/** A certificate by ACME. */
export interface AcmeSpec {
  'directory-url': string;
  'client-identifier': string;
  'key-type': string;
  'key-size': number;
  'hardware-bound': boolean;
  subject: string;
  'alternative-names'?: AlternativeNames;
  'key-usage'?: number;
  'extended-key-usage'?: string[];
  attest?: boolean;
  'key-is-extractable'?: boolean;
  'all-apps-access'?: boolean;
}

/** `SubjectAltName`. */
export interface AlternativeNames {
  email?: string;
  dns?: string;
  uri?: string;
  principal?: string;
}

/** A file with certificates to trust. */
export interface CertificateSpec {
  content: Material;
  name?: string;
  payload?: CertificatePayload;
}

/** `root`: an anchor of trust. `intermediate`: any other. */
export type CertificatePayload = 'root' | 'intermediate';
