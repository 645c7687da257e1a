using Fuser.Actors;
using Fuser.Host.Cluster;

namespace Fuser.Host.Configuration;

/// <summary>What must hold between settings.</summary>
internal static class HostOptionsRules
{
    /// <summary>Every rule that is broken: the key it is about, and what is wrong.</summary>
    public static IEnumerable<(string Key, string Problem)> Broken(HostOptions options) =>
        Http(options).Concat(Authentication(options)).Concat(Cluster(options.Cluster)).Concat(Others(options)).Select(rule => ($"{SettingName.Root}:{rule.Key}", rule.Problem));

    private static IEnumerable<(string Key, string Problem)> Http(HostOptions options)
    {
        var tls = options.Http.Tls;
        if (!ListenAddress.TryParse(options.Http.Url, out var address))
        {
            yield return ("http:url", $"got '{options.Http.Url}', wanted http://ADDRESS:PORT or https://ADDRESS:PORT, where ADDRESS is localhost or the IP address of an interface");
            yield break;
        }

        if (address.IsSecure && (tls.CertificateFile is null || tls.KeyFile is null))
        {
            yield return ("http:url", "https needs a certificate: set fuser.http.tls.certificate-file and fuser.http.tls.key-file");
        }

        if (!address.IsSecure && (tls.CertificateFile ?? tls.KeyFile ?? tls.ClientAuthorityFile) is not null)
        {
            var file = tls.CertificateFile is not null ? "certificate-file" : tls.KeyFile is not null ? "key-file" : "client-authority-file";
            yield return ($"http:tls:{file}", $"'{options.Http.Url}' is not encrypted although fuser.http.tls has files; write https, or take the files out");
        }

        if (tls.RequireClientCertificate && tls.ClientAuthorityFile is null)
        {
            yield return ("http:tls:require-client-certificate", "certificates of clients cannot be checked without fuser.http.tls.client-authority-file");
        }

        if (!address.IsLoopback && !options.Http.AllowAnonymous && options.Authentication is { ApiKeys.Count: 0, Certificates.Count: 0 })
        {
            yield return (
                "http:url",
                $"'{options.Http.Url}' can be reached from other machines and nobody has to say who they are; set fuser.authentication.api-keys or certificates, listen on 127.0.0.1, or force it with fuser.http.allow-anonymous = true");
        }
    }

    private static IEnumerable<(string Key, string Problem)> Authentication(HostOptions options)
    {
        var keys = options.Authentication.ApiKeys;
        for (var i = 0; i < keys.Count; i++)
        {
            var prefix = $"authentication:api-keys:{i}";
            if (keys[i].KeyFile is null == keys[i].KeyVariable is null)
            {
                yield return ($"{prefix}:name", $"the key of '{keys[i].Name}' comes from one place: set either key-file or key-variable");
            }

            if (keys[i].Name.Length == 0)
            {
                yield return ($"{prefix}:role", "an API key needs a name");
            }

            if (keys.FindIndex(other => other.Name == keys[i].Name) < i)
            {
                yield return ($"{prefix}:name", $"there are two API keys with the name '{keys[i].Name}'; logs could not tell them apart");
            }
        }

        var certificates = options.Authentication.Certificates;
        for (var i = 0; i < certificates.Count; i++)
        {
            var name = certificates[i].CommonName;
            if (name.Length == 0 || certificates.FindIndex(other => other.CommonName == name) < i)
            {
                yield return ($"authentication:certificates:{i}:common-name", $"got '{name}', wanted a name that no other certificate has");
            }
        }

        if (certificates.Count > 0 && options.Http.Tls.ClientAuthorityFile is null)
        {
            yield return ("authentication:certificates:0:common-name", "certificates of clients cannot be checked without fuser.http.tls.client-authority-file");
        }
    }

    private static IEnumerable<(string Key, string Problem)> Cluster(ClusterOptions options)
    {
        if (options.Uri is not null && !BrokerLogin.IsAddress(options.Uri))
        {
            yield return ("cluster:uri", "the address is no amqp://HOST:PORT/VHOST or amqps://HOST:PORT/VHOST"); // and is not shown, as it may have a password in it
        }

        if (options is { PasswordFile: not null, PasswordVariable: not null })
        {
            yield return ("cluster:password-file", "the password comes from one place: set either password-file or password-variable");
        }

        if (options.Tls.CertificateFile is null != options.Tls.KeyFile is null)
        {
            yield return (options.Tls.CertificateFile is null ? "cluster:tls:key-file" : "cluster:tls:certificate-file", "a certificate and its key go together: set both fuser.cluster.tls.certificate-file and key-file");
        }

        foreach (var (key, url) in new[] { ("advertise-url", options.AdvertiseUrl), ("listen-url", options.ListenUrl) })
        {
            if (url is not null && !(System.Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
            {
                yield return ($"cluster:{key}", $"got '{url}', wanted http://ADDRESS:PORT or https://ADDRESS:PORT");
            }
        }
    }

    private static IEnumerable<(string Key, string Problem)> Others(HostOptions options)
    {
        if (options.Limits.MaxGraphBytes > options.Limits.MaxGraphTextBytes)
        {
            yield return ("limits:max-graph-bytes", "one graph may be larger than all graphs together, fuser.limits.max-graph-text-bytes");
        }

        if (options.Telemetry.Otlp.Endpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return ("telemetry:otlp:endpoint", $"got '{endpoint}', wanted an address such as http://127.0.0.1:4317");
        }

        foreach (var failure in new FuserOptionsValidator().Validate(null, options.Runtime).Failures ?? [])
        {
            var property = typeof(FuserOptions).GetProperties().FirstOrDefault(property => failure.StartsWith(property.Name, StringComparison.Ordinal));
            yield return (property is null ? "runtime" : $"runtime:{SettingName.OfProperty(property.Name)}", failure.TrimEnd('.'));
        }
    }
}
