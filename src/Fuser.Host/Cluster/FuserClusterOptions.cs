using Fuser.Host.Configuration;

namespace Fuser.Host.Cluster;

/// <summary>How a program talks to a cluster.</summary>
public sealed record FuserClusterOptions
{
    /// <summary>Name of the cluster: what <c>fuser.cluster.name</c> is on its nodes. Default fuser.</summary>
    public string Name { get; init; } = "fuser";

    /// <summary>Who logs in at the broker, unless the URI says so. Default guest, whom brokers let in from their own machine only.</summary>
    public string User { get; init; } = "guest";

    /// <summary>File that holds the password, and nothing else.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Environment variable that holds the password.</summary>
    public string? PasswordVariable { get; init; }

    /// <summary>The certificate to log in with at an <c>amqps</c> broker, PEM.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its private key, PEM, not encrypted.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The authorities that the broker's certificate must come from, PEM; null for those of the machine.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Where this process listens for nodes that fetch large arrays. Default any free port of loopback, for nodes on the same machine.</summary>
    public string ListenUrl { get; init; } = "http://127.0.0.1:0";

    /// <summary>Where nodes reach that, when it is not what this process sees of itself.</summary>
    public string? AdvertiseUrl { get; init; }

    /// <summary>Arrays up to this size travel in messages. Default 1 MiB.</summary>
    public long MaxInlineBytes { get; init; } = 1L << 20;

    /// <summary>A run whose inputs are larger than this is taken apart, where that changes no bit, so that several nodes share it. Default 64 MiB.</summary>
    public long SplitOverBytes { get; init; } = 64L << 20;

    /// <summary>How long a run may take from the call to the answer. Default 5 minutes.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long connecting may take. Default 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    internal ClusterOptions Settings(string uri)
    {
        var settings = new ClusterOptions
        {
            Uri = uri,
            Name = Name,
            User = User,
            PasswordFile = PasswordFile,
            PasswordVariable = PasswordVariable,
            ListenUrl = ListenUrl,
            AdvertiseUrl = AdvertiseUrl,
            MaxInlineBytes = MaxInlineBytes,
            SplitOverBytes = SplitOverBytes,
            RequestTimeout = RequestTimeout,
        };
        settings.Tls.CertificateFile = CertificateFile;
        settings.Tls.KeyFile = KeyFile;
        settings.Tls.AuthorityFile = AuthorityFile;
        return settings;
    }
}
