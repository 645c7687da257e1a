using System.Text.RegularExpressions;

namespace Fuser.Host.Tests.Node;

/// <summary>A node serves whoever brings requests; HTTP is only the first to do so.</summary>
public sealed partial class IndependenceTests
{
    [Theory]
    [InlineData("Node")]
    [InlineData("Security")]
    [InlineData("Npz")]
    [InlineData("Configuration")]
    public void It_knows_nothing_of_http(string folder)
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Fuser.Host", folder), "*.cs");
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            Http().IsMatch(File.ReadAllText(file)).ShouldBeFalse(file);
        }
    }

    [GeneratedRegex(@"Microsoft\.AspNetCore|Fuser\.Host\.Http|HttpContext", RegexOptions.None, 5000)]
    private static partial Regex Http();
}
