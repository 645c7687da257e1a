using Fuser.Actors.TestKit;
using Fuser.Host.Cluster;
using Fuser.Host.Tests.Http;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.RabbitMqTesting;

namespace Fuser.Host.Tests.Cluster;

/// <summary>A broker that lets in only who shows a certificate of the right authority, and that shows one itself.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly TestCertificates _authority = new();
    private readonly TestCertificates _stranger = new("another authority");

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _temporary.Dispose();
    }

    [BrokerFact]
    public async Task Certificates_log_in_and_nothing_else_does()
    {
        var authority = _temporary.Text("authority.pem", _authority.AuthorityPem);
        var server = Files("broker", _authority.Issue("broker", forServer: true));
        await using var broker = new Broker("rabbitmq_auth_mechanism_ssl", own => $"""
            listeners.tcp = none
            listeners.ssl.1 = 127.0.0.1:{own.Port}
            ssl_options.cacertfile = {authority}
            ssl_options.certfile = {server.Certificate}
            ssl_options.keyfile = {server.Key}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            auth_mechanisms.1 = EXTERNAL
            ssl_cert_login_from = common_name
            default_user = fuser-host
            default_pass = {Guid.NewGuid():n}

            """);
        await broker.StartAsync();
        var uri = $"amqps://127.0.0.1:{broker.Port}";
        var login = Files("host", _authority.Issue("fuser-host", forServer: false));
        await using var node = await NodeProcess.StartAsync(
            uri, "tls", "secure",
            "--set", $"fuser.cluster.tls.certificate-file={login.Certificate}", "--set", $"fuser.cluster.tls.key-file={login.Key}", "--set", $"fuser.cluster.tls.authority-file={authority}");
        var right = new FuserClusterOptions { Name = "tls", CertificateFile = login.Certificate, KeyFile = login.Key, AuthorityFile = authority, ConnectTimeout = ActorTestKit.HangLimit };
        await using (var cluster = await FuserCluster.ConnectAsync(uri, right))
        {
            var function = await cluster.RegisterAsync(GraphText.Parse("graph(%x : Tensor):\n  %y : Tensor = aten::neg(%x)\n  return (%y)\n"));
            (await function.RunAsync(new FuserValue[] { NdArray.From(new float[] { 1, -2 }) }))[0].ToArray<float>().ShouldBe([-1, 2]);
        }

        var unknown = Files("unknown", _authority.Issue("nobody", forServer: false));
        var foreign = Files("foreign", _stranger.Issue("fuser-host", forServer: false));
        foreach (var (wrong, why) in new[]
        {
            (right with { CertificateFile = null, KeyFile = null }, "no certificate"),
            (right with { CertificateFile = unknown.Certificate, KeyFile = unknown.Key }, "a name that is no user"),
            (right with { CertificateFile = foreign.Certificate, KeyFile = foreign.Key }, "another authority's certificate"),
            (right with { AuthorityFile = _temporary.Text("stranger.pem", _stranger.AuthorityPem) }, "a broker of another authority"),
        })
        {
            var error = await Should.ThrowAsync<FuserException>(async () => await FuserCluster.ConnectAsync(uri, wrong with { ConnectTimeout = TimeSpan.FromSeconds(3) }), why);
            error.Code.ShouldBe(ErrorCodes.BrokerUnavailable, why);
        }
    }

    private (string Certificate, string Key) Files(string name, (string Certificate, string Key) pem) => (_temporary.Text($"{name}.pem", pem.Certificate), _temporary.Text($"{name}.key", pem.Key));
}
