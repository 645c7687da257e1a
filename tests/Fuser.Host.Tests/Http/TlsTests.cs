using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Fuser.Actors.TestKit;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Microsoft.Extensions.DependencyInjection;

namespace Fuser.Host.Tests.Http;

/// <summary>Encryption, and callers known by their certificates.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly TestCertificates _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Both_versions_of_http_are_spoken_over_tls()
    {
        WriteServerCertificate("node");
        await using var node = await TestNode.StartAsync(Tls(""), listens: true);
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var client = Client(node);
            client.DefaultRequestVersion = version;
            client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
            using var answer = await client.GetAsync("/v1/graphs");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Version.ShouldBe(version);
        }
    }

    [Fact]
    public async Task A_certificate_of_the_authority_says_who_calls()
    {
        WriteServerCertificate("node");
        File.WriteAllText(_temporary.Of("authority.pem"), _authority.AuthorityPem);
        await using var node = await TestNode.StartAsync(
            Tls($"client-authority-file = \"{_temporary.Of("authority.pem")}\"") + "authentication { certificates = [{ common-name = pricing, role = run }], api-keys = [{ name = k, role = read, key-variable = K }] }",
            [("K", "reader-0123456789")],
            listens: true);

        (await StatusAsync(node, HttpMethod.Get, _authority.Issue("pricing", forServer: false))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(node, HttpMethod.Delete, _authority.Issue("pricing", forServer: false))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(node, HttpMethod.Get, _authority.Issue("somebody", forServer: false))).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(node, HttpMethod.Get, null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(node, HttpMethod.Get, null, "reader-0123456789")).ShouldBe(HttpStatusCode.OK);

        // A wrong key is not made good by a certificate.
        (await StatusAsync(node, HttpMethod.Get, _authority.Issue("pricing", forServer: false), "reader-x0123456789")).ShouldBe(HttpStatusCode.Unauthorized);

        // The right name from another authority, and from the right one for another purpose, do not even connect.
        using var other = new TestCertificates();
        await Should.ThrowAsync<HttpRequestException>(StatusAsync(node, HttpMethod.Get, other.Issue("pricing", forServer: false)));
        await Should.ThrowAsync<HttpRequestException>(StatusAsync(node, HttpMethod.Get, _authority.Issue("pricing", forServer: true)));
    }

    [Fact]
    public async Task Where_a_certificate_is_required_nobody_connects_without_one()
    {
        WriteServerCertificate("node");
        File.WriteAllText(_temporary.Of("authority.pem"), _authority.AuthorityPem);
        await using var node = await TestNode.StartAsync(Tls($"client-authority-file = \"{_temporary.Of("authority.pem")}\", require-client-certificate = true"), listens: true);
        await Should.ThrowAsync<HttpRequestException>(StatusAsync(node, HttpMethod.Get, null));
        (await StatusAsync(node, HttpMethod.Get, _authority.Issue("anybody", forServer: false))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task New_files_are_used_without_a_restart_and_broken_ones_are_not()
    {
        var clock = new ManualTimeProvider();
        WriteServerCertificate("first", 1);
        await using var node = await TestNode.StartAsync(Tls(""), listens: true, host: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        (await SubjectAsync(node)).ShouldBe("CN=first");

        WriteServerCertificate("second", 2);
        (await SubjectAsync(node)).ShouldBe("CN=first"); // not looked at again so soon
        clock.Advance(TimeSpan.FromSeconds(10));
        (await SubjectAsync(node)).ShouldBe("CN=second");

        File.WriteAllText(_temporary.Of("node.pem"), "broken");
        File.SetLastWriteTimeUtc(_temporary.Of("node.pem"), DateTime.UnixEpoch.AddDays(3));
        clock.Advance(TimeSpan.FromSeconds(10));
        (await SubjectAsync(node)).ShouldBe("CN=second");
    }

    [Fact]
    public async Task Files_that_are_no_certificate_stop_the_start()
    {
        var missing = await Should.ThrowAsync<HostException>(TestNode.StartAsync(Tls(""), listens: true));
        missing.Code.ShouldBe(ErrorCodes.FileUnreadable);
        missing.Message.ShouldContain("node.pem");

        WriteServerCertificate("node");
        var (_, otherKey) = _authority.Issue("other", forServer: true);
        File.WriteAllText(_temporary.Of("key.pem"), otherKey);
        var wrong = await Should.ThrowAsync<HostException>(TestNode.StartAsync(Tls(""), listens: true));
        wrong.Code.ShouldBe(ErrorCodes.ConfigurationValue);
        wrong.Message.ShouldNotContain(otherKey.Split('\n')[1]);
    }

    private string Tls(string more) => $"http {{ url = \"https://127.0.0.1:0\", tls {{ certificate-file = \"{_temporary.Of("node.pem")}\", key-file = \"{_temporary.Of("key.pem")}\"\n{more} }} }}\n";

    private void WriteServerCertificate(string name, int day = 1)
    {
        var (certificate, key) = _authority.Issue(name, forServer: true);
        File.WriteAllText(_temporary.Of("node.pem"), certificate);
        File.WriteAllText(_temporary.Of("key.pem"), key);
        File.SetLastWriteTimeUtc(_temporary.Of("node.pem"), DateTime.UnixEpoch.AddDays(day));
    }

    private HttpClient Client(TestNode node, (string Certificate, string Key)? certificate = null, Action<string>? onSubject = null)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
            {
                onSubject?.Invoke(shown!.Subject);
                return _authority.Signed(shown);
            },
            ClientCertificates = certificate is { } pem ? [TestCertificates.Load(pem)] : null,
        };
        return new HttpClient(handler) { BaseAddress = node.Client.BaseAddress };
    }

    private async Task<HttpStatusCode> StatusAsync(TestNode node, HttpMethod method, (string Certificate, string Key)? certificate, string? key = null)
    {
        using var client = Client(node, certificate);
        using var request = new HttpRequestMessage(method, method == HttpMethod.Delete ? "/v1/kernels" : "/v1/graphs");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<string> SubjectAsync(TestNode node)
    {
        var subject = "";
        using var client = Client(node, onSubject: seen => subject = seen);
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        return subject;
    }
}
