"""What is said of images, in Chinese."""

SENTENCES: dict[str, str] = {
    "Containers that updates kept go, too.": "更新时保留的容器也一并删除。",
    "{id} stays: used by {names}": "{id} 保留：被 {names} 使用",
    "{id} stays: kept for a rollback as {names} (--include-kept removes that)": (
        "{id} 保留：作为 {names} 留作回滚之用（--include-kept 会删除它）"
    ),
    "Are all images here that the manifest requires? Exit 6 if one is missing. Nothing is fetched.": (
        "清单要求的镜像是否都在？缺少时退出码为 6。不会下载任何内容。"
    ),
    "All images are here.": "镜像都在。",
    "The manifest requires no images.": "清单没有要求任何镜像。",
    "Show the images: here or missing, being fetched, used by whom, and whether there is a newer one.": (
        "显示镜像：在或缺失、是否正在下载、被谁使用、是否有更新的版本。"
    ),
    "here": "已在本机",
    "is being fetched": "正在下载",
    "image missing, download it manually": "镜像缺失，请手动下载",
    "there is a newer one": "有更新的版本",
    "used by {names}": "使用者：{names}",
    "The images of containers: what is here, what is missing, what is new. Nothing is fetched but on command.": (
        "容器的镜像：有哪些、缺哪些、有何更新。只有在命令下才会下载。"
    ),
    "no image was named, and the manifest requires none": "没有指定镜像，清单也没有要求任何镜像",
    "name one, or list them in `[images]` as `required`": "请指定一个镜像，或在 `[images]` 的 `required` 中列出",
    "`manage.py images pull {names}`": "运行 `manage.py images pull {names}`",
    "Check that the images are here: {names}": "检查镜像是否都在：{names}",
    "Fetch images: those named, else those that the manifest requires.\n\n"
    "The registry is asked first; what is here already is not fetched again. What a tag named before is kept, for "
    "`manage.py images rollback`.": (
        "下载镜像：指定的镜像，未指定时为清单要求的镜像。\n\n"
        "会先询问镜像仓库；已有的不会再次下载。标签之前所指的镜像会保留，供 `manage.py images rollback` 使用。"
    ),
    "The images are here": "镜像已就绪",
    "Fetch {image}": "下载 {image}",
    "Prepare the way back": "准备回退的方法",
    "layer {layer} is here: {size} bytes": "层 {layer} 已就绪：{size} 字节",
    "the engine stopped in the middle of what it said": "引擎的回答在中途断开",
    "run the same command again": "请再次运行同一命令",
    "the credential helper of Docker failed: {reason}": "Docker 的凭据助手失败：{reason}",
    "see `credsStore` and `credHelpers` in the configuration of `docker`": (
        "请查看 `docker` 配置中的 `credsStore` 和 `credHelpers`"
    ),
    "images of {repository} are not allowed here": "此处不允许使用 {repository} 的镜像",
    "the manifest lists what is, in `[images]` as `allowed`": "允许的镜像列在清单 `[images]` 的 `allowed` 中",
    "{image} names one image for ever; only tags can be moved": "{image} 永远只指一个镜像；只有标签可以移动",
    "Ask the registries whether there are newer images; nothing is fetched.\n\n"
    "Exit 6: a registry does not have one; 7: one was not reached, or wants fewer requests; 8: not allowed. "
    "`manage.py images status` remembers the answers.": (
        "询问镜像仓库是否有更新的镜像；不会下载任何内容。\n\n"
        "退出码 6：仓库没有该镜像；7：无法连接或请求过多；8：没有权限。`manage.py images status` 会记住这些回答。"
    ),
    "up to date": "已是最新",
    "there is a newer one: {digest}": "有更新的版本：{digest}",
    "names one image for ever": "永远只指一个镜像",
    "cannot be told: it did not come from there": "无法判断：它不是从那里来的",
    "Let a tag name again what it named before, without a network: the image was kept.\n\n"
    "Without --to that is the newest that was kept and is another than now; `manage.py images info` lists them.": (
        "让标签重新指向它之前所指的镜像，不需要网络：该镜像已保留。\n\n"
        "没有 --to 时，是最近保留的、与现在不同的镜像；`manage.py images info` 会列出它们。"
    ),
    "What the tag named before this run of `images history`.": "标签在 `images history` 的这次运行之前所指的镜像。",
    "The earlier image is back": "之前的镜像已恢复",
    "Delete what is kept for `images rollback`, but for the newest of every tag.\n\n"
    "What a container uses stays, and so does everything that was not kept by this project. With --include-kept, "
    "the stopped containers go as well that updates kept for their rollback (NAME.before-RUN).": (
        "删除为 `images rollback` 保留的镜像，每个标签只留下最新的。\n\n"
        "容器正在使用的会留下，不是由本项目保留的也都会留下。"
        "使用 --include-kept 时，更新为回滚而保留的已停止容器（NAME.before-RUN）也会删除。"
    ),
    "How many of each stay.": "每个标签留下几个。",
    "Delete kept images for good? [y/N]": "是否永久删除保留的镜像？[y/N]",
    "The others are gone": "其余的已删除",
    "Let {image} name {id} again": "让 {image} 重新指向 {id}",
    "of {image} nothing was kept by the run {run}": "运行 {run} 没有为 {image} 保留任何镜像",
    "of {image} no other image was kept": "没有为 {image} 保留其他镜像",
    "`manage.py images pull` keeps what it replaces": "`manage.py images pull` 会保留它所替换的镜像",
    "the image is deleted for good": "镜像将被永久删除",
    "Delete the kept image {id}": "删除保留的镜像 {id}",
    "Keep {id} no longer": "不再保留 {id}",
    "a container uses {id} by now; it stays": "已有容器在使用 {id}；它会留下",
    "Tell what is known of an image that is here, and what is kept of its tag.": (
        "显示本机镜像的信息，以及为其标签保留了什么。"
    ),
    "How does the image B differ from A? Layers, size, settings; of variables the names only.": (
        "镜像 B 与 A 有何不同？层、大小、设置；变量只显示名称。"
    ),
    "They are the same image.": "它们是同一个镜像。",
    "Which run gave which image to a tag, and when; newest first. With REF: of this tag only.": (
        "哪次运行在何时给了标签哪个镜像；最新的在前。指定 REF 时只显示该标签。"
    ),
    "No run changed an image yet.": "还没有运行改变过镜像。",
    "Verb": "命令",
    "Image": "镜像",
    "Before": "之前",
    "After": "之后",
    "layers": "层",
    "size": "大小",
    "variables": "变量",
    "labels": "标签",
    "{shared} in both, {first} only in the first, {second} only in the second": (
        "两者共有 {shared} 层，仅前者有 {first} 层，仅后者有 {second} 层"
    ),
    "Save images to a file of the project, with its sha256 beside: for a machine without a registry.": (
        "把镜像保存到项目中的文件，并附上 sha256：供没有镜像仓库的机器使用。"
    ),
    "Saved: {path}": "已保存：{path}",
    "Load images from a file that `images save` made. One that is not what its sha256 says is refused.": (
        "从 `images save` 生成的文件载入镜像。与其 sha256 不符的会被拒绝。"
    ),
    "Build an image from CONTEXT, a folder of the project (default: all of it).\n\n"
    "The images that it starts from have to be here. `--build-arg NAME` takes the value from the environment.": (
        "从 CONTEXT（项目中的文件夹，默认为整个项目）构建镜像。\n\n"
        "它所基于的镜像必须已在本机。`--build-arg NAME` 的值取自环境变量。"
    ),
    "What it will be called.": "它的名称。",
    "The Dockerfile, below CONTEXT.": "CONTEXT 之下的 Dockerfile。",
    "A variable to pass; repeated.": "要传入的变量；可重复。",
    "Built: {image}": "已构建：{image}",
    "{path} is there already": "{path} 已经存在",
    "choose another name": "请选择另一个名称",
    "Save {names} to {path}": "把 {names} 保存到 {path}",
    "Load {names} from {path}": "从 {path} 载入 {names}",
    "there is no file {path}": "没有文件 {path}",
    "{path} is no archive of images": "{path} 不是镜像归档",
    "an archive goes with its sum: `sha256sum FILE > FILE.sha256` where it was made": (
        "归档须附有校验和：在生成处运行 `sha256sum FILE > FILE.sha256`"
    ),
    "{path} is not what its sum says: it is damaged, or another one": "{path} 与其校验和不符：已损坏，或是另一个文件",
    "copy it again, together with its `.sha256`": "请连同 `.sha256` 重新复制",
    "the variable {name} is not set": "没有设置变量 {name}",
    "Build {image} from {path}": "从 {path} 构建 {image}",
    "the engine built nothing, and did not say why": "引擎没有构建出任何东西，也没有说明原因",
    "{path} leads out of the project": "{path} 指向项目之外",
    "what came is not {image}": "收到的不是 {image}",
    "run the same command again; if it stays so, do not trust that registry": (
        "请再次运行同一命令；如果仍然如此，请不要信任该镜像仓库"
    ),
}
