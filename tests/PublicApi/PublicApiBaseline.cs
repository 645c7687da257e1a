using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Fuser.PublicApi;

/// <summary>
/// Prints what users of a library can reach, one line per member, and compares it with the text in git. A change of the interface is
/// therefore seen in review. <c>FUSER_UPDATE_API=1</c> writes the text anew.
/// </summary>
internal static class PublicApiBaseline
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["System.Void"] = "void", ["System.Object"] = "object", ["System.String"] = "string", ["System.Boolean"] = "bool", ["System.Byte"] = "byte",
        ["System.SByte"] = "sbyte", ["System.Int16"] = "short", ["System.UInt16"] = "ushort", ["System.Int32"] = "int", ["System.UInt32"] = "uint",
        ["System.Int64"] = "long", ["System.UInt64"] = "ulong", ["System.Single"] = "float", ["System.Double"] = "double", ["System.Char"] = "char",
    };

    /// <summary>What is different from the baseline, in words; null when nothing is.</summary>
    public static string? Compare(Assembly assembly)
    {
        var file = Path.Combine(Folder(), assembly.GetName().Name + ".txt");
        var current = Print(assembly);
        if (Environment.GetEnvironmentVariable("FUSER_UPDATE_API") == "1")
        {
            File.WriteAllText(file, current);
            return null;
        }

        var known = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        return known == current ? null : $"The public API of {assembly.GetName().Name} changed. If that is meant, run the test with FUSER_UPDATE_API=1 and commit the file.\n{Difference(known, current)}";
    }

    public static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Describe(type)).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Difference(string known, string current)
    {
        var (before, after) = (Lines(known), Lines(current));
        return string.Join("\n", before.Except(after).Select(line => "- " + line).Concat(after.Except(before).Select(line => "+ " + line)));
    }

    /// <summary>Each member with its type, so that lines are unique.</summary>
    private static List<string> Lines(string text)
    {
        var type = "";
        var lines = new List<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line.StartsWith("  ", StringComparison.Ordinal) ? type : line;
            lines.Add(line == type ? line : $"{type}: {line.Trim()}");
        }

        return lines;
    }

    private static string Describe(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? type.IsByRefLike ? "ref struct" : "struct"
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        var bases = new List<Type>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate))
        {
            bases.Add(parent);
        }

        bases.AddRange(type.GetInterfaces().Where(used => used.IsPublic).OrderBy(used => used.FullName, StringComparer.Ordinal));
        return $"{kind} {type.Namespace}.{Name(type, full: false)}{(bases.Count == 0 || type.IsEnum ? "" : " : " + string.Join(", ", bases.Select(used => Name(used))))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}");
        }

        if (type.IsSubclassOf(typeof(Delegate)))
        {
            return [Describe(type.GetMethod("Invoke")!)];
        }

        return
        [
            .. type.GetConstructors(Declared).Where(Reachable).Select(constructor => $"{Modifiers(constructor)}new({Parameters(constructor)})"),
            .. type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly).Select(Describe),
            .. type.GetProperties(Declared).Where(property => property.GetAccessors(nonPublic: true).Any(Reachable)).Select(Describe),
            .. type.GetEvents(Declared).Where(known => Reachable(known.AddMethod!)).Select(known => $"event {Name(known.EventHandlerType!)} {known.Name}"),
            .. type.GetMethods(Declared).Where(method => Reachable(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !method.Name.Contains('<')).Select(Describe),
        ];
    }

    private static bool Reachable(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Describe(FieldInfo field) =>
        $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field is { IsInitOnly: true, IsLiteral: false } ? "readonly " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}";

    private static string Describe(PropertyInfo property)
    {
        var accessors = new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(Reachable).ToArray();
        var shown = accessors.Select(accessor => accessor == property.GetMethod ? "get;"
            : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;");
        var index = property.GetIndexParameters();
        return $"{Modifiers(accessors[0])}{Name(property.PropertyType)} {property.Name}{(index.Length == 0 ? "" : $"[{string.Join(", ", index.Select(Describe))}]")} {{ {string.Join(" ", shown)} }}";
    }

    private static string Describe(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        return $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Modifiers(MethodBase method) =>
        (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract " : method is MethodInfo info && info.GetBaseDefinition() != info ? "override " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Describe));

    private static string Describe(ParameterInfo parameter)
    {
        var prefix = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        return $"{prefix}{Name(type)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}";
    }

    private static string Name(Type type, bool full = true)
    {
        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsByRef || type.IsPointer)
        {
            return Name(type.GetElementType()!) + (type.IsByRef ? "&" : "*");
        }

        if (type.IsGenericParameter || Keywords.ContainsKey(type.FullName ?? ""))
        {
            return Keywords.GetValueOrDefault(type.FullName ?? "", type.Name);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var name = type.Name.Split('`')[0];
        var arguments = type.IsGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(argument => Name(argument)))}>" : "";
        var outer = type.IsNested ? Name(type.DeclaringType!, full) + "." : full && type.Namespace?.StartsWith("Fuser", StringComparison.Ordinal) == true ? type.Namespace + "." : "";
        return outer + name + arguments;
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "PublicApi");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/PublicApi is in none of the folders above the test assembly.");
    }
}
