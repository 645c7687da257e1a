using System.ComponentModel.DataAnnotations;
using Fuser.Actors;

namespace Fuser.Host.Configuration;

/// <summary>
/// All settings of a host node, the object <c>fuser</c> of its files. A property is set by its name in small letters with dashes:
/// <c>MaxBodyBytes</c> of <see cref="Limits"/> is <c>fuser.limits.max-body-bytes</c>.
/// </summary>
internal sealed class HostOptions
{
    /// <summary>Who the node is and how it ends.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary>Where it listens.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>Who may call it.</summary>
    public AuthenticationOptions Authentication { get; } = new();

    /// <summary>How much it takes on.</summary>
    public LimitOptions Limits { get; } = new();

    /// <summary>The runtime in it.</summary>
    public FuserOptions Runtime { get; } = new();

    /// <summary>The cluster it belongs to.</summary>
    public ClusterOptions Cluster { get; } = new();

    /// <summary>What it says about itself.</summary>
    public TelemetryOptions Telemetry { get; } = new();
}

/// <summary>Who a node is and how it ends.</summary>
internal sealed class NodeOptions
{
    /// <summary>Name in answers, metrics and traces. Default: the machine's name.</summary>
    [StringLength(64, MinimumLength = 1)]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>How long a shutdown waits for accepted requests. Default 30 s.</summary>
    [DurationRange("100ms", "1h")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a node that shuts down goes on answering 503, unless a check of readiness has seen it before. Default 5 s; part of <see cref="ShutdownTimeout"/>.</summary>
    [DurationRange("0s", "1h")]
    public TimeSpan DrainNotice { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Where a node listens.</summary>
internal sealed class HttpOptions
{
    /// <summary>Scheme, address and port; port 0 for any free one. Default loopback.</summary>
    public string Url { get; set; } = "http://127.0.0.1:5080";

    /// <summary>HTTP versions. Without TLS, a port serves either of the two: <c>both</c> means HTTP/1.1 there.</summary>
    public HttpVersions Versions { get; set; } = HttpVersions.Both;

    /// <summary>Connections at most. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 1_000;

    /// <summary>How long a connection may be idle. Default 2 minutes.</summary>
    [DurationRange("1s", "1h")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Listens on addresses other than loopback although nobody has to say who they are. Default no.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Encryption, for an <c>https</c> address.</summary>
    public TlsOptions Tls { get; } = new();
}

/// <summary>HTTP versions a node speaks.</summary>
internal enum HttpVersions
{
    /// <summary>HTTP/1.1 and, where TLS lets both sides choose, HTTP/2.</summary>
    Both,

    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2; without TLS by prior knowledge.</summary>
    Http2,
}

/// <summary>Encryption.</summary>
internal sealed class TlsOptions
{
    /// <summary>The node's certificate with its chain, PEM.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The certificate's private key, PEM, not encrypted.</summary>
    public string? KeyFile { get; set; }

    /// <summary>The authorities that client certificates must come from, PEM; without it none are asked for.</summary>
    public string? ClientAuthorityFile { get; set; }

    /// <summary>Whether a connection without a client certificate is refused. Default no: an API key may stand in for it.</summary>
    public bool RequireClientCertificate { get; set; }
}

/// <summary>Who may call a node. With neither keys nor certificates, everyone who reaches it may do everything.</summary>
internal sealed class AuthenticationOptions
{
    /// <summary>API keys.</summary>
    public List<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>Client certificates.</summary>
    public List<ClientCertificateOptions> Certificates { get; } = [];
}

/// <summary>What a caller may do. Each role includes the ones before it.</summary>
internal enum Role
{
    /// <summary>Look: graphs, devices, statistics, metrics.</summary>
    Read,

    /// <summary>Register graphs and run them.</summary>
    Run,

    /// <summary>Remove graphs and compiled kernels.</summary>
    Administer,
}

/// <summary>One API key. The key itself is never written in a file of settings.</summary>
internal sealed class ApiKeyOptions
{
    /// <summary>Who has it, for logs.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>What its holder may do. Default read.</summary>
    public Role Role { get; set; }

    /// <summary>File that holds the key, and nothing else.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Environment variable that holds the key.</summary>
    public string? KeyVariable { get; set; }
}

/// <summary>One client certificate, by the name its authority put in it.</summary>
internal sealed class ClientCertificateOptions
{
    /// <summary>The common name of the certificate's subject.</summary>
    [Required, StringLength(64, MinimumLength = 1)]
    public string CommonName { get; set; } = "";

    /// <summary>What its holder may do. Default read.</summary>
    public Role Role { get; set; }
}

/// <summary>How much a node takes on. Past a limit, a request is refused at once: nothing waits in a queue that grows.</summary>
internal sealed class LimitOptions
{
    /// <summary>Size of a request, and of the arrays in it once they are unpacked. Default 2 GiB.</summary>
    [SizeRange("1KiB", "64GiB")]
    public long MaxBodyBytes { get; set; } = 2L << 30;

    /// <summary>Size of a graph's text. Default 8 MiB.</summary>
    [SizeRange("1KiB", "64MiB")]
    public long MaxGraphBytes { get; set; } = 8L << 20;

    /// <summary>Graphs held; the least recently used makes room. Default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxGraphs { get; set; } = 1_000;

    /// <summary>Text of all graphs held together. Default 32 MiB; a parsed graph takes up to 25 times its text.</summary>
    [SizeRange("64KiB", "4GiB")]
    public long MaxGraphTextBytes { get; set; } = 32L << 20;

    /// <summary>Requests that compute at the same time. Default: the number of processors.</summary>
    [Range(1, 4096)]
    public int MaxConcurrent { get; set; } = Environment.ProcessorCount;

    /// <summary>Requests that wait beside those, all of their bodies received. Default 256.</summary>
    [Range(0, 1_000_000)]
    public int MaxQueue { get; set; } = 256;

    /// <summary>Bodies that are received at the same time, beside all of those. Default 512.</summary>
    [Range(1, 1_000_000)]
    public int MaxReceiving { get; set; } = 512;

    /// <summary>Those of them that one caller may send: a key, a certificate, or an address where nobody has to say who they are. Default 256.</summary>
    [Range(1, 1_000_000)]
    public int MaxReceivingPerCaller { get; set; } = 256;

    /// <summary>Memory of the arrays of all requests together, and of the graphs, plans and kernels that are kept, which make room for them. Default: half of what the process may use.</summary>
    [SizeRange("1MiB", "16TiB")]
    public long MaxMemoryBytes { get; set; } = Math.Max(1L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>How many times its compressed size an array may have, beyond the first 16 MiB. Default 200.</summary>
    [Range(1, 2000)]
    public int MaxExpansion { get; set; } = 200;

    /// <summary>How long a request's body may take to arrive. Default 5 minutes.</summary>
    [DurationRange("100ms", "1d")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes a second that a body must bring at least, as an average from its start; more for one so large that it would take longer than <see cref="BodyTimeout"/>. Default 16 KiB.</summary>
    [SizeRange("1B", "1GiB")]
    public long MinBodyRate { get; set; } = 16 << 10;

    /// <summary>How far behind that a body may be. Default 10 s.</summary>
    [DurationRange("100ms", "1h")]
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a run may take once it is its turn; looked at while it is planned and compiled, and between kernels and trips of loops. Default 5 minutes.</summary>
    [DurationRange("100ms", "1d")]
    public TimeSpan RunTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What a refused caller is told to wait. Default 1 s.</summary>
    [DurationRange("1s", "1h")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a node says about itself.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>The least important messages to log, on standard error. Default information.</summary>
    public LogDetail LogLevel { get; set; } = LogDetail.Information;

    /// <summary>Different series at most for one metric. Default 1,000; what goes beyond is counted and left out.</summary>
    [Range(10, 100_000)]
    public int MaxSeries { get; set; } = 1_000;

    /// <summary>Export by the OpenTelemetry protocol.</summary>
    public OtlpOptions Otlp { get; } = new();
}

/// <summary>How much is logged.</summary>
internal enum LogDetail
{
    /// <summary>Everything, for finding errors in the product.</summary>
    Trace,

    /// <summary>Compiles, evictions, connections.</summary>
    Debug,

    /// <summary>Starts, stops, and what an operator should know.</summary>
    Information,

    /// <summary>What may need attention.</summary>
    Warning,

    /// <summary>What failed.</summary>
    Error,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Export by the OpenTelemetry protocol.</summary>
internal sealed class OtlpOptions
{
    /// <summary>Where a collector listens, such as http://127.0.0.1:4317; nothing is exported without it.</summary>
    public string? Endpoint { get; set; }

    /// <summary>How it is spoken to. Default grpc.</summary>
    public OtlpTransport Protocol { get; set; }

    /// <summary>File with one header per line, <c>name=value</c>, such as an authorization.</summary>
    public string? HeadersFile { get; set; }

    /// <summary>Whether traces are exported. Default yes.</summary>
    public bool Traces { get; set; } = true;

    /// <summary>Whether metrics are exported. Default yes.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>Which part of the traces that start here is recorded; a caller's own decision stands. Default all, 1.</summary>
    [Range(0.0, 1.0)]
    public double SamplingRatio { get; set; } = 1;

    /// <summary>Time between two exports of metrics. Default 15 s.</summary>
    [DurationRange("100ms", "1h")]
    public TimeSpan MetricInterval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>Transports of the OpenTelemetry protocol.</summary>
internal enum OtlpTransport
{
    /// <summary>gRPC, port 4317.</summary>
    Grpc,

    /// <summary>Protocol Buffers over HTTP, port 4318.</summary>
    HttpProtobuf,
}
