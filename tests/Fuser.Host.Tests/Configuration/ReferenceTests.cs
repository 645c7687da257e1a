using System.Collections;
using System.Reflection;
using Fuser.Host.Configuration;
using Fuser.Host.Hocon;

namespace Fuser.Host.Tests.Configuration;

/// <summary>hocon/reference.conf is the documentation of the settings: complete, and equal to the code.</summary>
public sealed class ReferenceTests
{
    /// <summary>Settings whose default is a property of the machine; the file says null.</summary>
    private static readonly string[] OfTheMachine = ["node.name", "limits.max-concurrent", "limits.max-memory-bytes", "runtime.compilers", "runtime.threads", "runtime.cache-directory"];

    private static readonly string File = Path.Combine(Repository.Root, "hocon", "reference.conf");

    [Fact]
    public void It_has_every_setting_and_no_other()
    {
        var documented = HoconSettings.Load(File, _ => null).Keys.Select(key => SettingName.Display(key)["fuser.".Length..]);
        documented.ShouldBe(Leaves(new HostOptions(), "").Select(leaf => leaf.Path), ignoreOrder: true);
    }

    [Fact]
    public void Its_defaults_are_those_of_the_code()
    {
        var documented = HoconSettings.Load(File, _ => null);
        var bound = Leaves(HostConfiguration.Load(File, new Dictionary<string, string>(), []), "").ToDictionary(leaf => leaf.Path, leaf => leaf.Value);
        foreach (var (path, value) in Leaves(new HostOptions(), ""))
        {
            bound[path].ShouldBe(value, path);
            var text = documented["fuser:" + path.Replace('.', ':')].Value;
            (text is null).ShouldBe(value is null or IList || OfTheMachine.Contains(path), path);
        }
    }

    [Fact]
    public void Every_setting_is_explained()
    {
        var lines = System.IO.File.ReadAllLines(File);
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Trim() is var line && line.Contains(" = ") && !line.StartsWith('#'))
            {
                lines[i - 1].TrimStart().ShouldStartWith("#", customMessage: line);
            }
        }
    }

    [Theory]
    [InlineData("single-node.conf", "single")]
    [InlineData("load-test.conf", "load-test")]
    public void The_ready_made_files_can_be_used(string name, string node) =>
        HostConfiguration.Load(Path.Combine(Repository.Root, "hocon", name), new Dictionary<string, string>(), []).Node.Name.ShouldBe(node);

    private static IEnumerable<(string Path, object? Value)> Leaves(object options, string prefix)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var path = prefix + SettingName.OfProperty(property.Name);
            var value = property.GetValue(options);
            if (SettingText.IsValue(property.PropertyType) || value is IList)
            {
                yield return (path, value);
            }
            else
            {
                foreach (var leaf in Leaves(value!, path + '.'))
                {
                    yield return leaf;
                }
            }
        }
    }
}
