using Fuser.Host.Configuration;
using Fuser.Host.Security;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Security;

public sealed class ApiKeyTableTests : IDisposable
{
    private const string Secret = "s3cret-0123456789abcdef";

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Keys_come_from_files_and_variables()
    {
        var file = _temporary.Text("key", Secret + "\n");
        var table = ApiKeyTable.Load(
            [new ApiKeyOptions { Name = "file", KeyFile = file, Role = Role.Run }, new ApiKeyOptions { Name = "variable", KeyVariable = "KEY" }],
            new Dictionary<string, string> { ["KEY"] = "another-0123456789" });
        table.Find(Secret).ShouldBe(new Caller("file", Role.Run));
        table.Find("another-0123456789").ShouldBe(new Caller("variable", Role.Read));
        table.Find("").ShouldBeNull();
        table.Find(Secret[..^1]).ShouldBeNull();
        table.Find(Secret + "0").ShouldBeNull();
        table.Find(new string('x', 100_000)).ShouldBeNull();
    }

    [Theory]
    [InlineData("short-s3cret")]
    [InlineData("with blanks s3cret 0123456789")]
    [InlineData("s3cret-ü-0123456789abcdef")]
    [InlineData("")]
    public void A_key_that_is_none_stops_the_start_and_is_not_shown(string secret)
    {
        var error = Should.Throw<HostException>(() => Load(("a", _temporary.Text("key", secret))));
        error.Code.ShouldBe(ErrorCodes.ConfigurationValue);
        error.Message.ShouldStartWith("API key 'a': the file '");
        error.Message.ShouldNotContain("s3cret");
        Should.Throw<HostException>(() => ApiKeyTable.Load([new ApiKeyOptions { Name = "b", KeyVariable = "UNSET" }], new Dictionary<string, string>())).Message.ShouldContain("variable UNSET");
    }

    [Fact]
    public void The_same_key_twice_and_files_that_cannot_be_read_stop_the_start()
    {
        var file = _temporary.Text("key", Secret);
        var error = Should.Throw<HostException>(() => Load(("a", file), ("b", file)));
        error.Message.ShouldContain("'a' and 'b' are the same");
        error.Message.ShouldNotContain(Secret);
        Should.Throw<HostException>(() => Load(("a", _temporary.Of("missing")))).Code.ShouldBe(ErrorCodes.FileUnreadable);
        Should.Throw<HostException>(() => Load(("a", _temporary.Text("large", new string('x', 70_000))))).Code.ShouldBe(ErrorCodes.FileTooLarge);
        Should.Throw<HostException>(() => Load(("a", _temporary.Path))).Code.ShouldBe(ErrorCodes.FileUnreadable);
    }

    private static ApiKeyTable Load(params (string Name, string File)[] keys) =>
        ApiKeyTable.Load(keys.Select(key => new ApiKeyOptions { Name = key.Name, KeyFile = key.File }), new Dictionary<string, string>());
}
