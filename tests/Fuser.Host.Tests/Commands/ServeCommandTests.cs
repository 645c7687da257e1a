using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fuser.Host.Commands;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Commands;

public sealed class ServeCommandTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop()
    {
        using var cancellation = new CancellationTokenSource();
        using var output = new FirstLine();
        using var error = new StringWriter();
        var config = _temporary.Text("node.conf", "fuser { node.name = blue, http.url = \"http://127.0.0.1:1\", telemetry.log-level = none }");
        var serve = FuserTool.RunAsync(["serve", "--config", config, "--http", "http://127.0.0.1:0", "--set", "fuser.limits.max-queue=3", "--set", "fuser.node.drain-notice=0s"], new Terminal(output, error, false, false), cancellation.Token);
        (await Task.WhenAny(output.Line, serve)).ShouldBe(output.Line, error.ToString());
        var line = await output.Line;
        line.ShouldStartWith("blue listens on http://127.0.0.1:");
        using var client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1]) };
        (await client.GetStringAsync("/health/ready")).ShouldContain("\"status\":\"healthy\"");
        (await client.GetStringAsync("/v1/statistics")).ShouldContain($"\"capacity\":{Environment.ProcessorCount + 3}");
        await cancellation.CancelAsync();
        (await serve).ShouldBe(ExitCode.Done, error.ToString());
        error.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ErrorCodes.ConfigurationValue, "fuser.http.allow-anonymous", "--http", "http://0.0.0.0:0")]
    [InlineData(ErrorCodes.ConfigurationValue, "--http: fuser.http.url", "--http", "nowhere")]
    [InlineData(ErrorCodes.ConfigurationKey, "the nearest is fuser.limits.max-queue", "--set", "fuser.limits.max-queu=1")]
    [InlineData(ErrorCodes.ConfigurationValue, "wanted a whole number", "--set", "fuser.limits.max-queue=x")]
    [InlineData(ErrorCodes.ConfigurationSyntax, "no-such.conf", "--config", "no-such.conf")]
    [InlineData(ErrorCodes.ConfigurationValue, "'UNSET_VARIABLE'", "--set", "fuser.authentication.api-keys.0.name=a", "--set", "fuser.authentication.api-keys.0.key-variable=UNSET_VARIABLE")]
    [InlineData(ErrorCodes.FileUnreadable, "API key 'a'", "--set", "fuser.authentication.api-keys.0.name=a", "--set", "fuser.authentication.api-keys.0.key-file=/no/such")]
    [InlineData(ErrorCodes.Usage, "--set got 'x', wanted KEY=VALUE", "--set", "x")]
    [InlineData(ErrorCodes.ConfigurationValue, "amqp://HOST:PORT", "--cluster", "http://127.0.0.1")]
    [InlineData(ErrorCodes.ConfigurationValue, "a certificate and its key go together", "--set", "fuser.cluster.tls.certificate-file=a.pem")]
    [InlineData(ErrorCodes.ConfigurationValue, "fuser.cluster.advertise-url", "--set", "fuser.cluster.advertise-url=here")]
    [InlineData(ErrorCodes.ConfigurationValue, "'UNSET_VARIABLE'", "--cluster", "amqp://127.0.0.1:1", "--set", "fuser.cluster.password-variable=UNSET_VARIABLE")]
    public async Task Wrong_settings_are_one_line_and_exit_code_2(string code, string expected, params string[] arguments) =>
        (await ToolRun.InProcessAsync(["serve", .. arguments])).ShouldRefuse(code, expected.Trim('\''));

    [Fact]
    public async Task An_address_that_is_taken_is_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var run = await ToolRun.InProcessAsync("serve", "--http", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "--set", "fuser.telemetry.log-level=none");
        run.Exit.ShouldBe(1);
        run.Error.ShouldStartWith($"error {ErrorCodes.AddressUnavailable}: the node cannot listen on http://127.0.0.1:");
    }

    [Fact]
    public async Task A_process_that_gets_a_signal_drains_and_ends_with_0()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there is no SIGTERM to send
        }

        using var process = Start("serve", "--http", "http://127.0.0.1:0", "--set", "fuser.node.drain-notice=1h", "--set", "fuser.node.shutdown-timeout=1h");
        try
        {
            var error = process.StandardError.ReadToEndAsync();
            var line = (await process.StandardOutput.ReadLineAsync()).ShouldNotBeNull();
            using var client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1]) };
            (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
            using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]))
            {
                await kill.WaitForExitAsync();
            }

            // It goes on answering until a check of readiness has seen that it ends, however long its notice is; the signal may come after the first requests.
            HttpResponseMessage answer;
            do
            {
                answer = await client.PostAsync("/v1/graphs", new StringContent(Graphs.Add));
            }
            while (answer.IsSuccessStatusCode);
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter.ShouldNotBeNull();
            (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await process.WaitForExitAsync();
            process.ExitCode.ShouldBe(0, await error);
            (await error).ShouldContain("takes no new work; 0 requests are in hand");
            (await error).ShouldContain("has finished all requests");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "dotnet-fuser.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Tells when the first line is out.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return base.WriteLineAsync(value);
        }
    }
}
