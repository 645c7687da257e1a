using System.ComponentModel.DataAnnotations;

namespace Fuser.Host.Configuration;

/// <summary>The cluster a node belongs to, and how it talks to the broker that carries it. Callers of a cluster use the same settings.</summary>
internal sealed class ClusterOptions
{
    /// <summary>The broker: amqp://HOST:PORT/VHOST or amqps://...; nothing is joined without it.</summary>
    public string? Uri { get; set; }

    /// <summary>Nodes with the same broker and name form a cluster. Default fuser.</summary>
    [StringLength(64, MinimumLength = 1), RegularExpression("[A-Za-z0-9_-]+", ErrorMessage = "wanted letters, digits, - and _")]
    public string Name { get; set; } = "fuser";

    /// <summary>Who logs in, unless the URI says so. Default guest, whom brokers let in from their own machine only.</summary>
    [StringLength(128, MinimumLength = 1)]
    public string User { get; set; } = "guest";

    /// <summary>File that holds the password, and nothing else.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Environment variable that holds the password.</summary>
    public string? PasswordVariable { get; set; }

    /// <summary>Encryption, for an <c>amqps</c> broker.</summary>
    public BrokerTlsOptions Tls { get; } = new();

    /// <summary>Where others fetch arrays that this process holds: scheme, address and port of its HTTP interface as they reach it. Default: where it listens.</summary>
    public string? AdvertiseUrl { get; set; }

    /// <summary>Where a caller, which has no HTTP interface of its own, listens for nodes that fetch its large arrays. Default any free port of loopback.</summary>
    public string ListenUrl { get; set; } = "http://127.0.0.1:0";

    /// <summary>Arrays up to this size travel in the message; larger ones are fetched from whoever holds them. Default 1 MiB.</summary>
    [SizeRange("1KiB", "16MiB")]
    public long MaxInlineBytes { get; set; } = 1L << 20;

    /// <summary>A run whose inputs are larger than this is taken apart, where that changes no bit, so that several nodes share it. Default 64 MiB.</summary>
    [SizeRange("1KiB", "1TiB")]
    public long SplitOverBytes { get; set; } = 64L << 20;

    /// <summary>Memory of arrays that are held for others to fetch. Default 4 GiB.</summary>
    [SizeRange("1MiB", "1TiB")]
    public long MaxHeldBytes { get; set; } = 4L << 30;

    /// <summary>How long they are held at most. Default 10 minutes.</summary>
    [DurationRange("1s", "1d")]
    public TimeSpan HoldFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a caller waits for the answer to a request. Default 5 minutes.</summary>
    [DurationRange("100ms", "1d")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the broker may hand a request out before it is taken for one that kills nodes. Default 5. The same on all nodes.</summary>
    [Range(1, 100)]
    public int DeliveryLimit { get; set; } = 5;

    /// <summary>Answers remembered, for requests that come again. Default 1,000.</summary>
    [Range(0, 1_000_000)]
    public int RecentAnswers { get; set; } = 1_000;

    /// <summary>Memory of those answers. Default 256 MiB.</summary>
    [SizeRange("1MiB", "64GiB")]
    public long MaxRecentBytes { get; set; } = 256L << 20;

    /// <summary>Time between two announcements of a node. Default 2 s; the same on all nodes.</summary>
    [DurationRange("100ms", "1 minute")]
    public TimeSpan PresenceInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time between signs of life on the connection. Default 10 s.</summary>
    [DurationRange("1s", "10 minutes")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a lost broker is left alone between two tries, at most. Default 5 s.</summary>
    [DurationRange("100ms", "5 minutes")]
    public TimeSpan MaxBackOff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What becomes of messages while the broker is away. Default: they are kept.</summary>
    public OutagePolicy WhenDisconnected { get; set; }

    /// <summary>Messages kept at most. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxKept { get; set; } = 1_000;
}

/// <summary>What becomes of messages while the broker is away.</summary>
internal enum OutagePolicy
{
    /// <summary>They wait, up to a bound.</summary>
    Keep,

    /// <summary>They are refused at once.</summary>
    Refuse,
}

/// <summary>Encryption between a node and its broker, both of which show a certificate.</summary>
internal sealed class BrokerTlsOptions
{
    /// <summary>The certificate to log in with, PEM; without it the user's password is used.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>Its private key, PEM, not encrypted.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The authorities that the broker's certificate must come from, PEM; without it those of the machine.</summary>
    public string? AuthorityFile { get; set; }
}
