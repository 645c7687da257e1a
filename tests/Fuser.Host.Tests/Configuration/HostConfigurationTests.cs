using Fuser.Host.Configuration;

namespace Fuser.Host.Tests.Configuration;

public sealed class HostConfigurationTests
{
    [Fact]
    public void A_file_sets_options_of_every_kind()
    {
        var options = Settings.Load("""
            fuser {
              node { name = blue, shutdown-timeout = 2 minutes }
              http.versions = http2
              limits { max-body-bytes = 512MiB, max-queue = 7, retry-after = 5s }
              runtime { seed = -3, max-code-bytes = 1 GiB, threads = 2 }
              telemetry { log-level = warning, otlp { sampling-ratio = 0.25, traces = off, protocol = http-protobuf } }
              authentication.api-keys = [ { name = a, role = run, key-variable = A }, { name = b, key-file = "/b" } ]
            }
            """);
        (options.Node.Name, options.Node.ShutdownTimeout).ShouldBe(("blue", TimeSpan.FromMinutes(2)));
        options.Http.Versions.ShouldBe(HttpVersions.Http2);
        (options.Limits.MaxBodyBytes, options.Limits.MaxQueue, options.Limits.RetryAfter).ShouldBe((512L << 20, 7, TimeSpan.FromSeconds(5)));
        (options.Runtime.Seed, options.Runtime.MaxCodeBytes, options.Runtime.Threads).ShouldBe((-3, 1L << 30, 2));
        options.Telemetry.LogLevel.ShouldBe(LogDetail.Warning);
        (options.Telemetry.Otlp.SamplingRatio, options.Telemetry.Otlp.Traces, options.Telemetry.Otlp.Protocol).ShouldBe((0.25, false, OtlpTransport.HttpProtobuf));
        options.Authentication.ApiKeys.Select(key => (key.Name, key.Role, key.KeyVariable, key.KeyFile)).ShouldBe([("a", Role.Run, "A", null), ("b", Role.Read, null, "/b")]);
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_the_command_line_over_both()
    {
        const string Text = "fuser.limits { max-queue = 1, max-graphs = 1, max-concurrent = 1 }\nfuser.authentication.api-keys = [{ name = a, key-file = \"/a\" }]";
        var options = Settings.Load(
            Text,
            [("FUSER__LIMITS__MAX_QUEUE", "2"), ("FUSER__LIMITS__MAX_GRAPHS", "2"), ("FUSER__AUTHENTICATION__API_KEYS__0__ROLE", "administer"), ("FUSER_OTHER", "x")],
            [("fuser:limits:max-queue", "3", "--set")]);
        (options.Limits.MaxQueue, options.Limits.MaxGraphs, options.Limits.MaxConcurrent).ShouldBe((3, 2, 1));
        options.Authentication.ApiKeys.ShouldHaveSingleItem().Role.ShouldBe(Role.Administer);
    }

    [Fact]
    public void Null_leaves_the_default() => Settings.Load("fuser { node.name = null, limits.max-queue = null }").Limits.MaxQueue.ShouldBe(new HostOptions().Limits.MaxQueue);

    [Theory]
    [InlineData("fuser.limits.max-queu = 1", "node.conf, line 1, col 25: there is no setting fuser.limits.max-queu; the nearest is fuser.limits.max-queue.")]
    [InlineData("fuser {\n  limits {\n    max-qeueu = 1\n}}", "line 3, col 17: there is no setting fuser.limits.max-qeueu; the nearest is fuser.limits.max-queue.")]
    [InlineData("fusr.limits.max-queue = 1", "the nearest is fuser.limits.max-queue.")]
    [InlineData("limits.max-queue = 1", "the nearest is fuser.limits.max-queue.")]
    [InlineData("fuser.htpp.url = \"http://127.0.0.1:1\"", "the nearest is fuser.http.url.")]
    [InlineData("fuser.authentication.api-keys = [{ nam = a }]", "there is no setting fuser.authentication.api-keys.0.nam; the nearest is fuser.authentication.api-keys.0.name.")]
    [InlineData("fuser.x.y.z = { }", "there is no setting fuser.x.y.z")]
    [InlineData("something.else.entirely.that.is.far.from.all = 1", "hocon/reference.conf lists all settings.")]
    public void A_key_that_is_no_setting_is_refused_with_its_place_and_the_nearest_one(string text, string expected) =>
        Settings.Refused("FUS8004", text, expected);

    [Theory]
    [InlineData("fuser.limits.max-queue = many", "line 1, col 26: fuser.limits.max-queue: got 'many', wanted a whole number.")]
    [InlineData("fuser.limits.max-queue = -1", "wanted a number from 0 to 1000000.")]
    [InlineData("fuser.limits.max-body-bytes = 1 KB", "wanted a size such as 512MiB.")]
    [InlineData("fuser.limits.max-body-bytes = 1B", "wanted a size from 1KiB to 64GiB.")]
    [InlineData("fuser.node.shutdown-timeout = soon", "wanted a time such as 5s, 100ms or 2 minutes.")]
    [InlineData("fuser.node.shutdown-timeout = 2d", "wanted a time from 100ms to 1h.")]
    [InlineData("fuser.node.name = \"\"", "wanted 1 to 64 characters.")]
    [InlineData("fuser.http.versions = http3", "wanted both or http1 or http2.")]
    [InlineData("fuser.http.versions = 1", "wanted both or http1 or http2.")]
    [InlineData("fuser.http.allow-anonymous = perhaps", "wanted true or false.")]
    [InlineData("fuser.telemetry.otlp.sampling-ratio = 2", "wanted a number from 0 to 1.")]
    [InlineData("fuser.http = 5", "wanted an object with settings.")]
    [InlineData("fuser = 5", "wanted an object with settings.")]
    [InlineData("fuser.http.url { a = 1 }", "fuser.http.url is one value, and not an object or a list.")]
    [InlineData("fuser.http.url = [1]", "fuser.http.url is one value, and not an object or a list.")]
    [InlineData("fuser.authentication.api-keys = x", "wanted a list.")]
    [InlineData("fuser.authentication.api-keys { name = x }", "is a list, and not an object.")]
    [InlineData("fuser.authentication.api-keys = [x]", "wanted an object with settings.")]
    public void A_wrong_value_is_refused_with_its_place_and_what_is_wanted(string text, string expected) =>
        Settings.Refused("FUS8005", text, "node.conf, line 1, col ", expected);

    [Theory]
    [InlineData("http.url = \"http://0.0.0.0:1\"", "fuser.http.allow-anonymous = true")]
    [InlineData("http.url = \"http://*:1\"", "fuser.http.allow-anonymous = true")]
    [InlineData("http.url = \"http://[::]:1\"", "fuser.http.allow-anonymous = true")]
    [InlineData("http.url = \"http://192.0.2.1:1\"", "fuser.http.allow-anonymous = true")]
    [InlineData("http.url = \"http://example.org:1\"", "the IP address of an interface")]
    [InlineData("http.url = \"ftp://127.0.0.1:1\"", "wanted http://ADDRESS:PORT")]
    [InlineData("http.url = \"http://127.0.0.1:1/path\"", "wanted http://ADDRESS:PORT")]
    [InlineData("http.url = \"https://127.0.0.1:1\"", "fuser.http.tls.certificate-file")]
    [InlineData("http.tls.certificate-file = x, http.tls.key-file = y", "is not encrypted")]
    [InlineData("http { url = \"https://127.0.0.1:1\", tls { certificate-file = x, key-file = y, require-client-certificate = true } }", "client-authority-file")]
    [InlineData("authentication.api-keys = [{ name = a }]", "either key-file or key-variable")]
    [InlineData("authentication.api-keys = [{ name = a, key-file = x, key-variable = y }]", "either key-file or key-variable")]
    [InlineData("authentication.api-keys = [{ name = a, key-file = x }, { name = a, key-file = y }]", "two API keys with the name 'a'")]
    [InlineData("authentication.certificates = [{ common-name = a }]", "client-authority-file")]
    [InlineData("limits { max-graph-bytes = 64MiB, max-graph-text-bytes = 1MiB }", "all graphs together")]
    [InlineData("telemetry.otlp.endpoint = collector", "wanted an address such as")]
    [InlineData("runtime.device = abacus", "fuser.runtime.device: Device is 'abacus'")]
    [InlineData("runtime.ask-timeout = 0s", "fuser.runtime.ask-timeout: AskTimeout is")]
    public void Settings_that_contradict_each_other_are_refused(string text, string expected) => Settings.Refused("FUS8005", $"fuser {{ {text} }}", expected, "node.conf, line 1, col ");

    [Fact]
    public void A_public_address_is_taken_with_authentication_or_when_forced()
    {
        Settings.Load("fuser { http.url = \"http://0.0.0.0:1\", http.allow-anonymous = true }");
        Settings.Load("fuser { http.url = \"http://0.0.0.0:1\", authentication.api-keys = [{ name = a, key-file = x }] }");
        Settings.Load("fuser { http.url = \"http://[::1]:0\" }");
        Settings.Load("fuser { http.url = \"http://localhost:0\" }");
    }

    [Fact]
    public void Wrong_variables_and_options_are_named()
    {
        Should.Throw<HostException>(() => Settings.Load("", [("FUSER__LIMITS__MAX_QUEUES", "1")])).Message
            .ShouldBe("environment variable FUSER__LIMITS__MAX_QUEUES: there is no setting fuser.limits.max-queues; the nearest is fuser.limits.max-queue.");
        Should.Throw<HostException>(() => Settings.Load("", commandLine: [("fuser:http:url", "x", "--http")])).Message.ShouldStartWith("--http: fuser.http.url: got 'x', wanted");
    }

    [Fact]
    public void All_problems_are_told_at_once() =>
        Settings.Refused("FUS8005", "fuser.limits.max-queue = x\nfuser.limits.max-graphs = y\nfuser.z = 1", "line 1,", "line 2,", "line 3,");
}
