/** What a VSIX holds beside the extension: its manifest and the content types, and the package.json that travels. */

/** The fields of package.json that are read here. */
export interface ExtensionManifest {
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  readonly displayName: string;
  readonly description: string;
  readonly engines: { readonly vscode: string };
  readonly categories?: readonly string[];
  readonly keywords?: readonly string[];
  readonly extensionKind?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly icon?: string;
  readonly l10n?: string;
  readonly main: string;
  readonly contributes?: unknown;
}

/** Fields that only a checkout needs. */
const ofTheCheckout = ["devDependencies", "scripts", "allowScripts", "private", "bin"];

/** package.json as it travels: without what only a checkout needs, and with the packages that really come along. */
export function travellingManifest(manifest: ExtensionManifest, packages: readonly string[]): object {
  const kept = Object.entries(manifest).filter(([key]) => !ofTheCheckout.includes(key));
  const dependencies = Object.entries(manifest.dependencies ?? {}).filter(([name]) => packages.includes(name));
  return { ...Object.fromEntries(kept), dependencies: Object.fromEntries(dependencies) };
}

/** `text` with `%key%` looked up. */
function localised(text: string, strings: Readonly<Record<string, string>>): string {
  const key = /^%(.+)%$/.exec(text)?.[1];
  if (key === undefined) return text;
  const found = strings[key];
  if (found === undefined) throw new Error(`package.nls.json has no "${key}"`);
  return found;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface VsixManifestOptions {
  readonly manifest: ExtensionManifest;
  readonly strings: Readonly<Record<string, string>>;
  readonly target: string;
  /** Languages of `package.nls.*.json`. */
  readonly languages: readonly string[];
}

export function vsixManifest({ manifest, strings, target, languages }: VsixManifestOptions): string {
  const code = "Microsoft.VisualStudio.Code";
  const services = "Microsoft.VisualStudio.Services";
  const properties: [string, string][] = [
    [`${code}.Engine`, manifest.engines.vscode],
    [`${code}.ExtensionDependencies`, ""],
    [`${code}.ExtensionPack`, ""],
    [`${code}.ExtensionKind`, (manifest.extensionKind ?? ["workspace"]).join(",")],
    [`${code}.LocalizedLanguages`, languages.join(",")],
    [`${code}.EnabledApiProposals`, ""],
    [`${code}.ExecutesCode`, "true"],
    [`${services}.GitHubFlavoredMarkdown`, "true"],
    [`${services}.Content.Pricing`, "Free"],
  ];
  const assets: [string, string][] = [
    [`${code}.Manifest`, "package.json"],
    [`${services}.Content.Details`, "README.md"],
    [`${services}.Content.Changelog`, "CHANGELOG.md"],
    [`${services}.Content.License`, "LICENSE.txt"],
    ...(manifest.icon === undefined ? [] : [[`${services}.Icons.Default`, manifest.icon] as [string, string]]),
  ];
  const line = (indent: number, text: string) => `${"  ".repeat(indent)}${text}\n`;
  const identity = `Language="en-US" Id="${escapeXml(manifest.name)}" Version="${escapeXml(manifest.version)}" Publisher="${escapeXml(manifest.publisher)}" TargetPlatform="${target}"`;
  return [
    `<?xml version="1.0" encoding="utf-8"?>\n`,
    `<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">\n`,
    line(1, "<Metadata>"),
    line(2, `<Identity ${identity}/>`),
    line(2, `<DisplayName>${escapeXml(localised(manifest.displayName, strings))}</DisplayName>`),
    line(2, `<Description xml:space="preserve">${escapeXml(localised(manifest.description, strings))}</Description>`),
    line(2, `<Tags>${escapeXml((manifest.keywords ?? []).join(","))}</Tags>`),
    line(2, `<Categories>${escapeXml((manifest.categories ?? ["Other"]).join(","))}</Categories>`),
    line(2, "<GalleryFlags>Public</GalleryFlags>"),
    line(2, "<Properties>"),
    ...properties.map(([id, value]) => line(3, `<Property Id="${id}" Value="${escapeXml(value)}"/>`)),
    line(2, "</Properties>"),
    line(2, "<License>extension/LICENSE.txt</License>"),
    manifest.icon === undefined ? "" : line(2, `<Icon>extension/${manifest.icon}</Icon>`),
    line(1, "</Metadata>"),
    line(1, `<Installation><InstallationTarget Id="${code}"/></Installation>`),
    line(1, "<Dependencies/>"),
    line(1, "<Assets>"),
    ...assets.map(([type, path]) => line(2, `<Asset Type="${type}" Path="extension/${path}" Addressable="true"/>`)),
    line(1, "</Assets>"),
    "</PackageManifest>\n",
  ].join("");
}

const knownTypes: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".js": "application/javascript",
  ".cjs": "application/javascript",
  ".md": "text/markdown",
  ".txt": "text/plain",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".vsixmanifest": "text/xml",
};

/** The package format wants a type for every file ending that occurs. */
export function contentTypes(endings: Iterable<string>): string {
  const types = [...new Set(endings)].toSorted().map((ending) => {
    return `<Default Extension="${ending}" ContentType="${knownTypes[ending] ?? "application/octet-stream"}"/>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${types.join("")}</Types>\n`;
}
