using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fuser.Host.Configuration;
using Fuser.Host.Security;
using Fuser.Kernels;
using RabbitMQ.Client;

namespace Fuser.Host.Cluster;

/// <summary>How a process gets into its broker. Nothing of it that is secret is ever part of a message.</summary>
internal static class BrokerLogin
{
    private const int MostMessageBytes = 256 << 20;

    /// <summary>The broker's address without what it may say about a password.</summary>
    public static string Shown(string uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed)
        ? $"{parsed.Scheme}://{parsed.Host}{(parsed.Port > 0 ? $":{parsed.Port}" : "")}{parsed.AbsolutePath.TrimEnd('/')}"
        : "an address that is none";

    public static bool IsAddress(string? uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "amqp" or "amqps" && parsed.Host.Length > 0;

    /// <param name="environment">Where the password may be.</param>
    /// <exception cref="HostException">The address is none, or a file or variable is missing.</exception>
    public static ConnectionFactory Factory(ClusterOptions options, IReadOnlyDictionary<string, string> environment, string name)
    {
        if (!IsAddress(options.Uri))
        {
            throw new HostException(ErrorCodes.ConfigurationValue, "the address of the broker is no amqp://HOST:PORT/VHOST or amqps://HOST:PORT/VHOST. Correct --cluster, or fuser.cluster.uri.");
        }

        var uri = new Uri(options.Uri!);
        var factory = new ConnectionFactory
        {
            ClientProvidedName = name,
            UserName = options.User,
            Password = Password(options, environment),

            // A connection that was lost is made anew by whoever owns it: the client's own recovery may never begin.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = options.Heartbeat,
            MaxInboundMessageBodySize = MostMessageBytes,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
        };
        factory.Uri = uri;
        if (uri.Scheme == "amqps")
        {
            factory.Ssl = Tls(options.Tls, uri.Host);
            if (options.Tls.CertificateFile is not null)
            {
                factory.AuthMechanisms = [new ExternalMechanismFactory()];
            }
        }

        return factory;
    }

    private static string Password(ClusterOptions options, IReadOnlyDictionary<string, string> environment) => options switch
    {
        { PasswordFile: { } file } => SecretFile.Read(file, "the password for the broker").Trim(),
        { PasswordVariable: { } variable } => environment.TryGetValue(variable, out var value)
            ? value
            : throw new HostException(ErrorCodes.ConfigurationValue, $"the environment has no variable {variable}, which fuser.cluster.password-variable names. Set it, or use password-file."),
        _ => ConnectionFactory.DefaultPass,
    };

    private static SslOption Tls(BrokerTlsOptions options, string host)
    {
        var ssl = new SslOption { Enabled = true, ServerName = host };
        if (options.CertificateFile is { } certificate && options.KeyFile is { } key)
        {
            ssl.Certs = [PemFiles.WithKey(certificate, key)];
        }

        if (options.AuthorityFile is { } authority)
        {
            var authorities = PemFiles.All(authority);
            ssl.CertificateValidationCallback = (_, shown, _, errors) => IsTrusted(shown, errors, authorities);
        }

        return ssl;
    }

    /// <summary>The name must be right, and the chain must end at one of the authorities, whatever the machine trusts.</summary>
    private static bool IsTrusted(X509Certificate? shown, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (shown is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        using var certificate = new X509Certificate2(shown);
        return chain.Build(certificate);
    }
}
