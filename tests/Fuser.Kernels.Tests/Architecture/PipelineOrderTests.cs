using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fuser.Kernels.Tests.Architecture;

/// <summary>A stage of the pipeline uses only what stands before it.</summary>
public sealed partial class PipelineOrderTests
{
    private const string Root = "Fuser.Kernels";

    /// <summary>From first to last; the root namespace, which holds the compiler itself, stands behind all of them.</summary>
    private static readonly string[] Stages = ["Tensors", "Graphs", "Ir", "Operations", "Normalisation", "Partitioning", "Specs", "Lowering", "Targets", "Devices", "Programs"];

    /// <summary>Errors and their codes belong to no stage: everybody throws them.</summary>
    private static readonly HashSet<string> Shared = [.. typeof(FuserException).Assembly.GetTypes().Where(type => type.Namespace == Root && (type.IsSubclassOf(typeof(Exception)) || type == typeof(ErrorCodes))).Select(type => type.Name)];

    private static readonly BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void Every_namespace_is_a_stage() => typeof(FuserException).Assembly.GetTypes()
        .Where(type => type.Namespace?.StartsWith(Root, StringComparison.Ordinal) == true && StageOf(type.Namespace) is null)
        .Select(type => type.FullName).ShouldBeEmpty();

    [Fact]
    public void No_source_file_names_a_later_stage()
    {
        var violations = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Folder, "src", Root), "*.cs", SearchOption.AllDirectories).Where(Repository.IsSource))
        {
            var text = WithoutComments(File.ReadAllText(file));
            if (DeclaredNamespace().Match(text) is not { Success: true } declared || StageOf(declared.Groups["name"].Value) is not { } stage)
            {
                continue;
            }

            violations.AddRange(NamedStages(text, declared.Groups["name"].Value).Where(used => used > stage).Select(used => $"{Path.GetFileName(file)} names {Name(used)}"));
        }

        violations.ShouldBeEmpty();
    }

    [Fact]
    public void No_type_uses_a_type_of_a_later_stage_in_its_members()
    {
        var violations = new List<string>();
        foreach (var type in typeof(FuserException).Assembly.GetTypes())
        {
            if (type.Namespace is null || StageOf(type.Namespace) is not { } stage || (type.Namespace == Root && Shared.Contains(type.Name)))
            {
                continue;
            }

            violations.AddRange(Referenced(type)
                .Where(used => used.Namespace is not null && !(used.Namespace == Root && Shared.Contains(used.Name)) && StageOf(used.Namespace) > stage)
                .Select(used => $"{type.FullName} uses {used.FullName}"));
        }

        violations.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void The_order_check_sees_a_step_back()
    {
        StageOf("Fuser.Kernels.Devices").ShouldNotBeNull().ShouldBeGreaterThan(StageOf("Fuser.Kernels.Tensors")!.Value);
        NamedStages("using Fuser.Kernels.Devices;", "Fuser.Kernels.Tensors").ShouldBe([Array.IndexOf(Stages, "Devices")]);
        NamedStages("var x = Targets.Simd.SimdTarget.Best;", "Fuser.Kernels.Ir").ShouldBe([Array.IndexOf(Stages, "Targets")]);
        NamedStages("Fuser.Kernels.KernelCompiler.Compile();", "Fuser.Kernels.Ir").ShouldBe([Stages.Length]);
        Referenced(typeof(Fuser.Kernels.Devices.PlanRunner)).ShouldContain(typeof(Fuser.Kernels.Partitioning.GraphPlan));
    }

    [Theory]
    [InlineData("Fuser.Kernels", "")]
    [InlineData("Fuser.Actors", "Fuser.Kernels")]
    [InlineData("Fuser.Host", "Fuser.Actors Fuser.Kernels")]
    public void Projects_reference_only_projects_before_them(string project, string allowed)
    {
        var file = XDocument.Load(Path.Combine(Repository.Folder, "src", project, project + ".csproj"));
        var references = file.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        references.Except(allowed.Split(' ')).ShouldBeEmpty();
    }

    [Fact]
    public void No_source_file_is_longer_than_600_lines() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(Repository.IsSource)
            .Where(file => File.ReadLines(file).Count() > 600)
            .Select(Path.GetFileName).ShouldBeEmpty();

    private static int? StageOf(string name)
    {
        if (name == Root)
        {
            return Stages.Length;
        }

        if (!name.StartsWith(Root + ".", StringComparison.Ordinal))
        {
            return null;
        }

        var stage = Array.IndexOf(Stages, name[(Root.Length + 1)..].Split('.')[0]);
        return stage < 0 ? null : stage;
    }

    private static string Name(int stage) => stage == Stages.Length ? Root : Stages[stage];

    /// <summary>Stages in using directives, in full names, and in names relative to the root, as <c>Targets.Simd.SimdTarget</c>.</summary>
    private static IEnumerable<int> NamedStages(string text, string declared)
    {
        foreach (Match match in FullName().Matches(text))
        {
            var first = match.Groups["first"].Value;
            var stage = Array.IndexOf(Stages, first);
            if (stage >= 0)
            {
                yield return stage;
            }
            else if (!Shared.Contains(first) && match.Value != declared)
            {
                yield return Stages.Length;
            }
        }

        foreach (Match match in RelativeName().Matches(text))
        {
            yield return Array.IndexOf(Stages, match.Groups["first"].Value);
        }
    }

    private static IEnumerable<Type> Referenced(Type type)
    {
        IEnumerable<Type?> used =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetProperties(All).Select(property => property.PropertyType),
            .. type.GetMethods(All).SelectMany(Of),
            .. type.GetConstructors(All).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType).Concat(Locals(constructor))),
        ];
        return used.OfType<Type>().SelectMany(Parts).Distinct();

        static IEnumerable<Type> Of(MethodInfo method) => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).Concat(Locals(method));

        static IEnumerable<Type> Locals(MethodBase method) => method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [];
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];

    private static string WithoutComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex DeclaredNamespace();

    [GeneratedRegex(@"\bFuser\.Kernels\.(?<first>\w+)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex FullName();

    [GeneratedRegex(@"(?<![\w.])(?<first>Targets|Devices|Lowering|Specs|Partitioning|Normalisation)\.[A-Z]\w*", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RelativeName();

    [GeneratedRegex(@"//.*$|""[^""\n]*""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Comment();
}
