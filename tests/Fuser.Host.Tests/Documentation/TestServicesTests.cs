using System.Diagnostics;

namespace Fuser.Host.Tests.Documentation;

/// <summary>What the tests need is installed by one script, when it is told to and not otherwise; the script of CI says what was skipped.</summary>
public sealed class TestServicesTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void No_build_or_test_installs_anything()
    {
        foreach (var pattern in (string[])["*.csproj", "*.props", "*.targets"])
        {
            foreach (var file in Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories).Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
            {
                File.ReadAllText(file).ShouldNotContain("<Exec ", Case.Sensitive, file);
            }
        }
    }

    [Theory]
    [InlineData("", "0", 0, false)]
    [InlineData("install", "0", 0, true)]
    [InlineData("install", "1000", 1, false)]
    public async Task It_installs_when_it_is_told_to_and_may(string variable, string user, int exit, bool installs)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there is no shell for it
        }

        // Commands in whose eyes nothing is there; the one that installs only says what it was told.
        var said = _temporary.Of("said");
        Command("apt-get", $"echo \"$@\" >> '{said}'");
        Command("id", $"echo {user}");
        Command("ldconfig", "exit 0");
        Command("python3", "exit 0");
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "eng", "test-services.sh"));
        var script = _temporary.Text("test-services.sh", text.Replace("/usr/sbin/policy-rc.d", _temporary.Of("policy"), StringComparison.Ordinal));
        var run = await RunAsync("/bin/sh", [script], ("FUSER_TEST_SERVICES", variable));
        run.Exit.ShouldBe(exit, run.Text);
        File.Exists(said).ShouldBe(installs, run.Text);
        run.Text.Contains("pocl-opencl-icd", StringComparison.Ordinal).ShouldBe(!installs);
        if (installs)
        {
            (await File.ReadAllTextAsync(said)).ShouldContain("install -y -qq --no-install-recommends pocl-opencl-icd ocl-icd-libopencl1");
            File.Exists(_temporary.Of("policy")).ShouldBeFalse("what keeps services from being started goes with the installation");
        }
    }

    [Theory]
    [InlineData("needs ptxas", 0)]
    [InlineData("OpenCL is not installed (FUSER_TEST_SERVICES=install eng/test-services.sh installs it): a &amp; b", 1)]
    public async Task CI_lists_what_was_skipped_and_fails_for_want_of_a_service(string reason, int exit)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // As the test runner writes it, in a tree of its own.
        var root = Directory.CreateDirectory(_temporary.Of("root")).FullName;
        foreach (var file in (string[])[".ci/run", "eng/skipped-tests.awk"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(root, file));
        }

        await File.WriteAllTextAsync(Path.Combine(root, "eng", "test-services.sh"), "#!/bin/sh\n");
        File.SetUnixFileMode(Path.Combine(root, "eng", "test-services.sh"), (UnixFileMode)0b111_101_101);
        Command("dotnet", $"""
            [ "$1" = test ] || exit 0
            for folder; do :; done
            cat > "$folder/a.trx" << 'END'
              <UnitTestResult executionId="1" testName="A.runs" outcome="Passed" />
              <UnitTestResult executionId="2" testName="A.waits(x: &quot;1&quot;)" outcome="NotExecuted">
                <Output>
                  <StdOut>{reason}</StdOut>
                </Output>
              </UnitTestResult>
            END
            echo 'Passed!  - Failed:     0, Passed:   320, Skipped:     1, Total:   321, Duration: 1 s'
            """);
        var run = await RunAsync("/bin/bash", [Path.Combine(root, ".ci", "run")]);
        run.Exit.ShouldBe(exit, run.Text);
        run.Text.ShouldContain($"A.waits(x: \"1\"): {reason.Replace("&amp;", "&", StringComparison.Ordinal)}");
        run.Text.TrimEnd().Split('\n')[^1].ShouldBe("320 passed, 0 failed");
    }

    private void Command(string name, string body)
    {
        var file = _temporary.Text(name, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }
    }

    private async Task<(int Exit, string Text)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(_temporary.Of("said"))}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
